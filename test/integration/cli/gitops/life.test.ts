import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  approveFirstCommit,
  copyOfExample,
  type DevVault,
  folderWith,
  seneschal,
  startDevVault,
} from '#test/builders/command-line.ts';

/** One organization from its first plan on: the tests go on from each other. */
let vault: DevVault;
let folder: string;
let outside: string;

beforeAll(async () => {
  vault = await startDevVault();
  folder = copyOfExample();
  outside = folderWith({});
});
afterAll(() => vault.stop());

const plan = (...more: string[]) => seneschal('plan', folder, ...vault.options, ...more);
const apply = (...more: string[]) => seneschal('apply', folder, ...vault.options, ...more);
const digestOf = async (): Promise<string> => JSON.parse((await plan('-o', 'json')).stdout).digest;

test('a first commit that names approvers and an admin is held until the owner approved it once (rails 1 and 2)', async () => {
  const held = await plan();
  expect(held.code).toBe(3);
  expect(held.stdout).toContain(
    'HELD by rail 1 (SettingsLoosened): The rails are looser than the defaults: approvers.',
  );
  expect(held.stdout).toMatch(/Raises wait for an approval: .*alice@acme.example \(Admin/);
  expect(held.stdout).toMatch(/leaves\s+it\s+to\s+no\s+PlanApproval/);
  const approve = (digest: string) =>
    seneschal('approve', digest, ...vault.asOwner, '--reason', 'the first commit');
  await approveFirstCommit(folder, vault.options, approve);
});

test('plan exits 2 while there are changes, and says who gains what from which file', async () => {
  const { code, stdout } = await plan('--out', join(outside, 'first.json'));
  expect(code).toBe(2);
  expect(stdout).toContain('+ InviteMember bob@acme.example: not in the organization (member-bob.yaml:3)');
  expect(stdout).toMatch(/^ {2}bob@acme\.example\n {4}\+ Machines: View; Audit log: View; Trash: Restore;/m);
  expect(stdout).toContain('Left to the operator:\n  + RegisterMachine checkout-api');
  const markdown = await plan('-o', 'markdown');
  expect(markdown).toMatchObject({ code: 2, stdout: expect.stringContaining('### Plan for `acme/acme`') });
  const redacted = await plan('-o', 'markdown', '--redact', 'names');
  expect(redacted.stdout).not.toMatch(/acme|bob|payments/);
  const written = JSON.parse(readFileSync(join(outside, 'first.json'), 'utf8'));
  expect(written).toMatchObject({ schemaVersion: 1, vaultId: vault.vaultId });
});

test('apply --plan runs the reviewed steps; applied, plan exits 0', async () => {
  const { code, stdout } = await apply('--plan', join(outside, 'first.json'));
  expect(stdout).toContain('done InviteMember alice@acme.example');
  expect(code).toBe(0);
  expect((await plan()).code).toBe(0);
});

test('plan exits 2 while there are changes that nothing holds', async () => {
  writeFileSync(join(folder, 'project-later.yaml'), projectFile('later'));
  expect((await plan()).code).toBe(2);
  rmSync(join(folder, 'project-later.yaml'));
});

test('apply --plan exits 4 where the vault is no longer as reviewed, and applies nothing', async () => {
  const { code, stderr } = await apply('--plan', join(outside, 'first.json'));
  expect(code).toBe(4);
  expect(stderr).toContain('nothing was applied');
  expect(stderr).toContain('next: Make a new plan and review it.');
});

test('JSON goes to standard output alone, with what was planned, what came of it and what is left', async () => {
  writeFileSync(join(folder, 'project-new.yaml'), projectFile('new'));
  const { code, stdout } = await apply('-o', 'json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    schemaVersion: 1,
    results: [{ kind: 'CreateProject', key: 'new', status: 'Done' }],
    rest: { held: [] },
  });
});

test('a frozen vault is planned and not written to: exit 3 (rail 12)', async () => {
  writeFileSync(join(folder, 'project-cold.yaml'), projectFile('cold'));
  expect((await seneschal('freeze', ...vault.asOwner, '--reason', 'incident 7')).code).toBe(0);
  const { code, stdout } = await apply();
  expect(code).toBe(3);
  expect(stdout).toContain('HELD by rail 12 (Frozen)');
  expect(stdout).toContain('incident 7');
  expect(stdout).toContain('suspend is suspended all the same');

  const all = await seneschal('freeze', ...vault.asOwner, '--reason', 'incident 8', '--all');
  expect(all).toMatchObject({ code: 0, stdout: expect.stringContaining('Git suspends nobody either') });
  const tightened = await apply();
  expect(tightened).toMatchObject({ code: 3, stdout: expect.stringContaining('incident 7') });
  expect(tightened.stdout).not.toContain('suspend');

  expect((await seneschal('thaw', ...vault.asOwner)).code).toBe(0);
  expect((await apply()).code).toBe(0);
});

test('claim says whose the lease is, and takeover gives it to another (rail 10)', async () => {
  const free = await seneschal('claim', ...vault.asOwner);
  expect(free).toMatchObject({ code: 0, stdout: expect.stringContaining('Nobody has the lease') });
  const to = ['--manager', 'acme/acme', '--installation', '0123456789abcdef', '--reason', 'a new cluster'];
  const given = await seneschal('claim', 'takeover', ...vault.asOwner, ...to);
  expect(given).toMatchObject({ code: 0, stdout: expect.stringContaining('installation 0123456789abcdef') });
  writeFileSync(join(folder, 'project-cold.yaml'), projectFile('colder'));
  const { code, stdout } = await apply();
  expect(stdout).toContain('installation 0123456789abcdef, had the lease of the vault until');
  expect(stdout).toContain('next: It goes on where that one runs again');
  expect(code).toBe(3);
  const json = await seneschal('claim', 'show', ...vault.asOwner, '-o', 'json');
  expect(JSON.parse(json.stdout)).toMatchObject({
    lease: { installation: '0123456789abcdef' },
    refused: null,
  });
  expect(
    (await seneschal('claim', 'takeover', ...vault.asOwner, '--reason', 'x', '--free', '--manager', 'm'))
      .code,
  ).toBe(64);
  expect(await seneschal('claim', 'takeover', ...vault.asOwner, '--reason', 'x')).toMatchObject({
    code: 64,
    stderr: expect.stringContaining('No operator was refused'),
  });
  expect(await seneschal('claim', 'takeover', ...vault.asOwner, '--reason', 'gone', '--free')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('which was that of acme/acme, installation 0123456789abcdef'),
  });
  writeFileSync(join(folder, 'project-cold.yaml'), projectFile('cold'));
});

test('what a rail holds exits 3 with its digest, and passes once a person approved it', async () => {
  for (const name of ['bob', 'carol', 'dave', 'erin']) rmSync(join(folder, `member-${name}.yaml`));
  const group = join(folder, 'group-on-call.yaml');
  writeFileSync(group, readFileSync(group, 'utf8').replace(/ {2}members:\n(?: {4}.*\n)*/, ''));
  const held = await apply();
  expect(held.code).toBe(3);
  const digest = await digestOf();
  expect(held.stdout).toContain(`To release all that is held:\n  seneschal approve ${digest}`);
  expect(held.stdout).not.toContain('done ');

  const approved = await seneschal('approve', digest, ...vault.asOwner, '--reason', 'they left');
  expect(approved).toMatchObject({ code: 0, stdout: expect.stringContaining('owner approved') });
  const { code, stdout } = await apply();
  expect(code).toBe(0);
  expect(stdout).toContain('done CancelInvite erin@acme.example');
});

test('a folder without objects is a clear error, and loses nothing (rail 5)', async () => {
  const empty = folderWith({});
  const { code, stderr } = await seneschal('apply', empty, ...vault.options);
  expect(code).toBe(6);
  expect(stderr).toContain('An empty source takes nothing away (rail 5)');
  expect((await plan()).code).toBe(0);
});

test('no password and no private key is in anything that was printed', async () => {
  const password = readFileSync(vault.owner.passwordFile, 'utf8').trim();
  const wrong = await seneschal(
    'thaw',
    ...vault.asOwner.slice(0, -2),
    '--password-file',
    vault.owner.passwordFile,
  );
  expect(`${wrong.stdout}${wrong.stderr}`).not.toContain(password);
  const refused = await seneschal(
    'thaw',
    ...vault.asOwner.slice(0, -3),
    'nobody@acme.example',
    '--password-file',
    vault.owner.passwordFile,
  );
  expect(refused).toMatchObject({ code: expect.any(Number) });
  expect(`${refused.stdout}${refused.stderr}`).not.toContain(password);
});

function projectFile(name: string): string {
  return [
    'apiVersion: seneschal.dev/v1alpha1',
    'kind: Project',
    `metadata: {name: ${name}, namespace: acme}`,
    'spec:',
    '  organizationRef: {name: acme}',
    '',
  ].join('\n');
}
