import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  approveFirstCommit,
  copyOfExample,
  type DevVault,
  folderWith,
  seneschal,
  startDevVault,
} from '#test/builders/command-line.ts';
import { MachineClient } from '#test/fakes/machine-client.ts';

const BOB = 'bob@acme.example';

let vault: DevVault;
let folder: string;
let asBob: string[];

beforeAll(async () => {
  vault = await startDevVault();
  folder = copyOfExample();
  await approveFirstCommit(folder, vault.options, (digest) =>
    seneschal('approve', digest, ...vault.asOwner, '--reason', 'the first commit'),
  );
  expect((await seneschal('apply', folder, ...vault.options)).code).toBe(0);
  const bob = vault.people.find(({ email }) => email === BOB);
  const server = ['--url', vault.url, '--as', BOB, '--password-file', bob?.passwordFile ?? ''];
  const mine = await seneschal('vault', 'invite', 'mine', ...server, '-o', 'json');
  const { invites } = JSON.parse(mine.stdout) as { invites: { id: string }[] };
  expect((await seneschal('vault', 'invite', 'accept', invites[0]?.id ?? '', ...server)).code).toBe(0);
  asBob = [...server, '--vault', vault.vaultId];
  const byOwner = async (...words: string[]) =>
    expect((await seneschal('vault', ...words, ...vault.asOwner)).stderr).toBe('');
  await byOwner('secret', 'generate', 'db', '--project', 'payments');
  const out = join(folderWith({}), 'ci');
  await byOwner('machine', 'create', 'ci', '--life', '12h', '--access', 'payments/db', '--out', out);
});
afterAll(() => vault.stop());

const ask = (...words: string[]) => seneschal(...words, ...vault.options);
const jsonOf = async (...words: string[]) => {
  const { stdout, stderr, code } = await ask(...words, '-o', 'json');
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  return JSON.parse(stdout);
};

describe('explain', () => {
  it('tells each access of a person with its path, since when, by whom and whose approval', async () => {
    const { stdout, code } = await ask('explain', 'alice@acme.example');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^alice@acme\.example: Admin, Invited\n {2}declared by acme\/acme in acme, member-alice\.yaml$/m,
    );
    const explained = await jsonOf('explain', BOB);
    expect(explained).toMatchObject({ schemaVersion: 1, kind: 'person', email: BOB, groups: ['on-call'] });
    const paths = (
      explained.cells as { cell: string; paths: { via: string; since: object | null }[] }[]
    ).flatMap(({ paths: all }) => all);
    expect(new Set(paths.map(({ via }) => via))).toEqual(new Set(['role', 'template', 'grant', 'group']));
    for (const { since } of paths) {
      expect(since).toMatchObject({
        entry: expect.stringMatching(/^aud_/),
        by: { type: 'automation' },
        provenance: { path: expect.stringMatching(/\.yaml$/) },
      });
    }
    const admin = await jsonOf('explain', 'alice@acme.example');
    expect(admin.changed).toMatchObject({ action: 'member.invited', approver: 'owner' });
  });

  it('tells of a secret which machines read it, who may set it, and by which act it is as it is', async () => {
    const made = await seneschal(
      'vault',
      'secret',
      'generate',
      'token',
      '--project',
      'website',
      ...vault.asOwner,
    );
    expect(made.stderr).toBe('');
    const { stdout } = await ask('explain', 'website/token');
    expect(stdout).toContain('secret website/token: version 1');
    expect(stdout).toContain('People, who see and set it and never read it:');
    expect(stdout).toMatch(/Last act: secret\.created at \S+ by member owner \(aud_\w+\)/);
  });

  it('of what is not there, or may be two things, says how to ask', async () => {
    const missing = await ask('explain', 'nobody@acme.example');
    expect(missing.code).toBe(64);
    expect(missing.stderr).toContain(
      'There is no person, machine, secret, project, group called nobody@acme.example.',
    );
    expect((await ask('explain', 'project:website')).code).toBe(0);
  });

  it('is the same bytes for the same answer', async () => {
    expect((await ask('explain', 'payments')).stdout).toBe((await ask('explain', 'payments')).stdout);
  });
});

describe('who-can', () => {
  it('names people with their paths; a cell that there is not is named with those that there are', async () => {
    const { stdout, code } = await ask('who-can', 'secrets: manage', 'payments');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /bob@acme\.example\n {4}in payments by the template developers\n {4}in payments by Write in payments of the group on-call/,
    );
    const wrong = await ask('who-can', 'Secrets: Read');
    expect(wrong.code).toBe(64);
    expect(wrong.stderr).toContain('"Secrets: View"');
  });
});

describe('a person who asks by their session', () => {
  const bySession = async (who: readonly string[], ...words: string[]) => {
    const { stdout, stderr, code } = await seneschal(...words, ...who, '-o', 'json');
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    return JSON.parse(stdout);
  };

  it('is told what the vault shows them of themselves, and what they may not see', async () => {
    const own = await seneschal('explain', BOB, ...asBob);
    expect(own).toMatchObject({ code: 0, stderr: '' });
    expect(own.stdout).toMatch(
      /^bob@acme\.example: Member, Active\n {2}template developers\n {2}groups on-call\nMay, of metadata/,
    );
    expect(own.stdout).toContain('    by Write in payments of the group on-call\n');
    expect(own.stdout).toContain(
      'You may not see:\n  who declares it in Git (takes --credentials of an automation identity)\n' +
        '  since when, by whom, and what was read (takes Audit log: View others)\n',
    );
    const others = await seneschal('who-can', 'Secrets: Manage', 'payments', ...asBob);
    expect([others.code, others.stdout]).toEqual([1, '']);
    expect(others.stderr).toContain('Organization: View members');
    const owner = await seneschal('who-can', 'Secrets: Manage', 'payments', ...vault.asOwner);
    expect(owner.stdout).toContain('in payments by the template developers');
  });

  it('is told by the same functions as automation, where they may see everything', async () => {
    for (const thing of ['payments/db', 'machine:ci', 'project:payments', 'group:on-call', BOB]) {
      const byPerson = await bySession(vault.asOwner, 'explain', thing);
      const byAutomation = await jsonOf('explain', thing);
      const untold = byPerson.unseen.map(({ what }: { what: string }) => what);
      expect(untold, thing).not.toContain('machines');
      expect(JSON.parse(JSON.stringify(byAutomation, told), told)).toEqual(
        JSON.parse(JSON.stringify(byPerson, told), told),
      );
    }
    /** Without what no session is told: records, makers of keys, ids and joining of members. */
    function told(this: unknown, name: string, value: unknown): unknown {
      return ['managed', 'maker', 'unseen', 'joinedAt'].includes(name) || (name === 'id' && isOfMember(value))
        ? undefined
        : name === 'keys' && isOfPerson(value)
          ? undefined
          : value;
    }
    function isOfMember(id: unknown): boolean {
      return String(id).startsWith('mem_');
    }
    function isOfPerson(keys: unknown): boolean {
      return keys === null || (Array.isArray(keys) && keys.every((key) => key.machine !== undefined));
    }
  });

  it('is told of a secret and its project no people and no acts that they may not see', async () => {
    const secret = await seneschal('explain', 'payments/db', ...asBob);
    expect(secret).toMatchObject({ code: 0, stderr: '' });
    expect(secret.stdout).toMatch(
      /^secret payments\/db: version 1\nMachines that read the value:\n {2}ci\nPeople, who see and set it and never read it: you may not see them\.\n/,
    );
    expect(secret.stdout).toContain('  other people (takes Organization: View members)\n');
    expect(secret.stdout).not.toMatch(/since \d|last read|declared by|alice/);
    const project = await bySession(asBob, 'explain', 'project:payments');
    expect(project).toMatchObject({ people: null, changed: null });
    expect(project.secrets).toContainEqual({ name: 'db', version: 1 });
  });

  it('is told that they may not see it, where it may be there', async () => {
    const group = await seneschal('explain', 'on-call', ...asBob);
    expect([group.code, group.stdout]).toEqual([64, '']);
    expect(group.stderr).toContain(
      'that you may see. You may not see groups (takes Organization: View members)',
    );
    const person = await seneschal('explain', 'alice@acme.example', ...asBob);
    const nobody = await seneschal('explain', 'nobody@acme.example', ...asBob);
    expect([person.code, person.stderr.replaceAll('alice', 'nobody')]).toEqual([64, nobody.stderr]);
    const missing = await seneschal('explain', 'machine:none', ...vault.asOwner);
    expect([missing.code, missing.stderr]).toEqual([64, expect.stringContaining('called machine:none.')]);
  });
});

describe('status', () => {
  it('tells of invites that are out; with a folder what is open of it, with the exit code of plan', async () => {
    const bare = await ask('status');
    expect(bare.code).toBe(0);
    expect(bare.stdout).toMatch(/Invites:\n {2}alice@acme\.example: open until \S+, sent once/);
    const edited = copyOfExample();
    writeFileSync(
      join(edited, 'member-zoe.yaml'),
      'apiVersion: seneschal.dev/v1alpha1\nkind: Member\nmetadata: {name: zoe, namespace: acme}\nspec:\n  organizationRef: {name: acme}\n  email: zoe@acme.example\n',
    );
    const open = await ask('status', edited);
    expect(open.code).toBe(2);
    expect(open.stdout).toContain('zoe@acme.example');
  });
});

describe('blast-radius', () => {
  it('of a secret says what to rotate and who holds it', async () => {
    const { stdout, code } = await ask('blast-radius', 'website/token', '--since', '7d');
    expect(code).toBe(0);
    expect(stdout).toContain('Machines that hold the value: none.');
    expect(stdout).toContain('seneschal vault secret set token --project website');
    const patch = await ask('blast-radius', 'website/token', '--patch');
    expect(patch.code).toBe(64);
    expect(patch.stderr).toContain('There is no patch.');
  });

  it('of a person is contained by its patch: applied, their session is refused', async () => {
    const show = ['vault', 'access', 'show', ...asBob];
    expect((await seneschal(...show)).code).toBe(0);
    const told = await ask('blast-radius', BOB, '--folder', folder);
    expect(told.stdout).toContain('May now, of metadata and never of values:');
    expect(told.stdout).toMatch(/To rotate:\n(?: {2}\S+\n)* {2}website\/token\n/);
    const { stdout: patch } = await ask('blast-radius', BOB, '--folder', folder, '--patch');
    execFileSync('git', ['apply', '-'], { cwd: folder, input: patch });
    const applied = await ask('apply', folder);
    expect(applied.stdout).toContain('done SuspendMember bob@acme.example');
    const refused = await seneschal(...show);
    expect(refused.code).toBe(1);
    expect(refused.stdout).toBe('');
    const again = await ask('blast-radius', BOB, '--folder', folder);
    expect(again.stdout).toContain('May now, of metadata and never of values: nothing.');
    expect(again.stdout).toContain('suspends bob@acme.example already');
  });

  it('of a key of a machine is contained by its patch: applied, a read by the key is refused', async () => {
    const { job, fingerprint } = await adoptedMachine('job');
    const read = () => job.send('POST', '/v1/secrets/export');
    expect((await read()).status).toBe(200);
    const told = await ask('blast-radius', fingerprint.slice(0, 16), '--folder', folder);
    expect(told.stdout).toContain('The machine, and what it reads now:\n  job: website/session-key');
    expect(told.stdout).toMatch(/last used \S+ from 127\.0\.0\.1/);
    expect(told.stdout).toMatch(/website\/session-key by job, once, last \S+, from 127\.0\.0\.1/);
    const { stdout: patch } = await ask('blast-radius', fingerprint, '--folder', folder, '--patch');
    execFileSync('git', ['apply', '-'], { cwd: folder, input: patch });
    const applied = await ask('apply', folder);
    expect(applied.stdout).toContain('done RevokeKeyIfIdle job');
    expect((await read()).status).not.toBe(200);
    expect((await ask('apply', folder)).stdout).not.toContain('RevokeKeyIfIdle');
  });
});

/** A machine that a person made, and that Git took over with what it reads. */
async function adoptedMachine(name: string) {
  const out = join(folder, `../${name}-${vault.vaultId}`);
  const making = ['vault', 'machine', 'create', name, '--out', out, '--access', 'website/session-key'];
  const made = await seneschal(...making, ...vault.asOwner);
  expect({ code: made.code, stderr: made.stderr }).toEqual({ code: 0, stderr: '' });
  const { stdout } = await seneschal('vault', 'machine', 'list', ...vault.asOwner, '-o', 'json');
  const { machines } = JSON.parse(stdout) as {
    machines: { id: string; name: string; keys: { fingerprint: string }[] }[];
  };
  const machine = machines.find((one) => one.name === name);
  const binding = [
    'apiVersion: seneschal.dev/v1alpha1',
    'kind: MachineBinding',
    'metadata:',
    `  name: ${name}`,
    '  namespace: acme',
    '  annotations:',
    `    seneschal.dev/adopt: ${machine?.id}`,
    'spec:',
    '  organizationRef:',
    '    name: acme',
    `  machineName: ${name}`,
    '  projects:',
    '    - name: website',
    '      secrets: [session-key]',
    '  key:',
    `    secretName: ${name}-key`,
    '',
  ];
  writeFileSync(join(folder, `binding-${name}.yaml`), binding.join('\n'));
  const plan = JSON.parse((await ask('plan', folder, '-o', 'json')).stdout) as { digest: string | null };
  if (plan.digest !== null) {
    const approving = ['approve', plan.digest, ...vault.asOwner, '--reason', 'the machine is ours'];
    expect((await seneschal(...approving)).code).toBe(0);
  }
  expect((await ask('apply', folder)).stdout).toContain(`done Claim MachineBinding/${name}`);
  return { job: MachineClient.fromFolder(out), fingerprint: machine?.keys[0]?.fingerprint ?? '' };
}
