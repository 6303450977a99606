import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { URI } from 'otpauth';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { apply } from '#cli/gitops/apply-command.ts';
import { approvingAtTerminal } from '#cli/person/approve-at-terminal.ts';
import {
  copyOfExample,
  type DevVault,
  folderWith,
  ownSession,
  seneschal,
  startDevVault,
} from '#test/builders/command-line.ts';

/** One organization whose first commit is held: the tests go on from each other. */
let vault: DevVault;
let folder: string;
const outside = folderWith({});
ownSession();
beforeAll(async () => {
  vault = await startDevVault();
  folder = copyOfExample();
});
afterAll(() => vault.stop());

const login = async (...more: string[]) => {
  const { url, vaultId, owner } = vault;
  const who = ['--url', url, '--vault', vaultId, '--as', owner.email, '--password-file', owner.passwordFile];
  const { code, stderr } = await seneschal('vault', 'login', ...who, ...more);
  expect([code, stderr]).toEqual([0, '']);
};

/** `seneschal apply` at a terminal where these keys are typed. */
async function applyAt(keys: string, flags: { approve?: true; reason?: string } = {}, isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const asked = new PassThrough();
  input.end(keys);
  const said: string[] = [];
  const write = (text: unknown): boolean => said.push(String(text)) > 0;
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation(write),
  );
  const { credentialsDir: credentials, url, vaultId } = vault;
  const options = { credentials, url, vault: vaultId, namespace: 'default', output: 'text' } as const;
  try {
    const terminal = { input, output: asked };
    const outcomes = await apply(
      folder,
      options,
      approvingAtTerminal({ ...options, ...flags }, terminal),
      async () => true,
    );
    return { outcomes, said: said.join(''), asked: String(asked.read() ?? '') };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

test('without a session nobody is asked: what is held stays so, and it is said how to sign in', async () => {
  const { outcomes, said, asked } = await applyAt('y\r');
  expect(outcomes).toContain('Held');
  expect(asked).toBe('');
  expect(said).toContain('Not approved: You are not signed in.\n  next: Sign in: `seneschal login');
  expect(said).toMatch(/To release all that is held:\n {2}seneschal approve [0-9a-f]{64}/);
});

test('--approve goes by the session of a person, never by the credentials of automation alone', async () => {
  await expect(applyAt('', { approve: true, reason: 'meant' }, false)).rejects.toMatchObject({
    outcome: 'Usage',
    message: 'You are not signed in.',
  });
});

test('--approve takes a reason', async () => {
  await login();
  await expect(applyAt('', { approve: true }, false)).rejects.toMatchObject({
    outcome: 'Usage',
    message: '--approve needs --reason.',
  });
});

test.each(['n\r', '\r', 'sure\r', ''])('anything but yes approves nothing: %j', async (keys) => {
  const { outcomes, asked, said } = await applyAt(keys);
  expect(asked).toContain('Approve all that is held, as owner? [y/N] ');
  expect(outcomes).toContain('Held');
  expect(said).toContain('Not approved.');
});

test('a pipeline is asked nothing, with a session or without', async () => {
  const { outcomes, asked } = await applyAt('y\r', {}, false);
  expect(outcomes).toContain('Held');
  expect(asked).toBe('');
});

test('a first commit is one command: who gains what is shown, it is asked once, and all of it runs', async () => {
  const { outcomes, asked, said } = await applyAt('y\r');
  expect(said).toMatch(
    /HELD by rail 2 \(NeedsApproval\): Raises wait for an approval: .*alice@acme\.example/,
  );
  expect(asked).toBe('Approve all that is held, as owner? [y/N] y\n');
  expect(said).toMatch(/owner approved [0-9a-f]{64} until /);
  expect(said).toContain('done InviteMember alice@acme.example');
  expect(outcomes).toEqual([]);
});

const another = (name: string): void => {
  const text = readFileSync(join(folder, 'member-alice.yaml'), 'utf8');
  folderFile(`member-${name}.yaml`, text.replaceAll('alice', name));
};

const codesFile = join(outside, 'codes');

/** Of the owner, set in another session: the one that is kept has proven itself by the password alone. */
async function enrolSecondFactor(): Promise<void> {
  const uriFile = join(outside, 'uri');
  await seneschal('vault', 'second-factor', 'enrol', ...vault.asOwner, '--out', uriFile);
  const code = URI.parse(readFileSync(uriFile, 'utf8').trim()).generate();
  const confirmed = ['confirm', ...vault.asOwner, '--code', code, '--out', codesFile];
  expect((await seneschal('vault', 'second-factor', ...confirmed)).code).toBe(0);
}

test('a wrong password approves nothing, and the rest of the plan goes on', async () => {
  await enrolSecondFactor();
  another('zoe');
  folderFile('project-next.yaml', PROJECT);
  const { outcomes, said } = await applyAt('y\rnot the password\r');
  expect(said).toContain('Not approved: Address or password is wrong. (401 WrongPassword)');
  expect(said).toContain('done CreateProject next');
  expect(said).not.toContain('done InviteMember zoe@acme.example');
  expect(outcomes).toContain('Held');
});

test('a session that has proven too little is asked for password and code, which are shown nowhere', async () => {
  const [recovery = ''] = readFileSync(codesFile, 'utf8').split('\n');
  const password = readFileSync(vault.owner.passwordFile, 'utf8').trim();
  const { outcomes, asked, said } = await applyAt(`y\r${password}\r${recovery}\r`);
  expect(asked).toContain('Password of owner: \nCode of the authenticator app, or a recovery code: \n');
  for (const secret of [password, recovery]) expect(`${asked}${said}`).not.toContain(secret);
  expect(said).toContain('done InviteMember zoe@acme.example');
  expect(outcomes).toEqual([]);
});

test('--approve with its reason asks nothing', async () => {
  another('yan');
  const { outcomes, asked, said } = await applyAt('', { approve: true, reason: 'reviewed' }, false);
  expect(asked).toBe('');
  expect(said).toContain('done InviteMember yan@acme.example');
  expect(outcomes).toEqual([]);
});

function folderFile(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

const PROJECT = [
  'apiVersion: seneschal.dev/v1alpha1',
  'kind: Project',
  'metadata: {name: next, namespace: acme}',
  'spec:',
  '  organizationRef: {name: acme}',
  '',
].join('\n');
