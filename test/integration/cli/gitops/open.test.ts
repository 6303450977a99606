import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { approveFirstCommit, copyOfExample, seneschal } from '#test/builders/command-line.ts';
import { credentialsFolder } from '#test/builders/credentials.ts';
import { OWNER, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { owner } from '../../vault/world/people.ts';

/** The example, applied, and `plan` and `apply` of what a test then writes into its folder. */
async function applied(vault: TestVault) {
  const folder = copyOfExample();
  const options = ['--credentials', credentialsFolder(vault)];
  await approveFirstCommit(folder, options, (digest) => vault.approve(digest));
  const first = await seneschal('apply', folder, ...options);
  const run = (command: 'plan' | 'apply', ...more: string[]) =>
    seneschal(command, folder, ...options, ...more);
  return { folder, first, run };
}

const lastLine = (text: string): string | undefined => text.trimEnd().split('\n').at(-1);

const member = (name: string, email: string, rest = ''): string =>
  `apiVersion: seneschal.dev/v1alpha1\nkind: Member\nmetadata: {name: ${name}, namespace: acme}\n` +
  `spec: {organizationRef: {name: acme}, email: ${email}${rest}}\n`;

test('invites that are out and values that nobody set leave 0, counted in the last line and by name in JSON', async () => {
  await using vault = await startTestVault();
  const { first, run } = await applied(vault);
  expect(first.code).toBe(0);
  expect(lastLine(first.stdout)).toMatch(
    /^Open: 4 left to the operator.*, \d+ waiting for a person \(.*InvitePending.*\)/,
  );
  const { code, stdout } = await run('plan', '-o', 'json');
  expect(code).toBe(0);
  const { counts, items } = JSON.parse(stdout).open;
  expect(counts.WaitingForPerson).toBeGreaterThan(5);
  expect(items).toContainEqual(
    expect.objectContaining({
      standing: 'WaitingForPerson',
      reason: 'InvitePending',
      kind: 'Member',
      keys: ['bob@acme.example'],
      place: 'member-bob.yaml:3',
    }),
  );
});

describe('what is declared and cannot be done leaves 5, by plan and by apply', () => {
  test.each([
    ['a grant on a mistyped project', 'ProjectNotFound', ', grants: [{project: paymnets, access: Read}]'],
    ['the owner declared as a member', 'OwnerDeclared', ''],
  ])('%s', async (_what, reason, rest) => {
    await using vault = await startTestVault();
    const { folder, run } = await applied(vault);
    const email = reason === 'OwnerDeclared' ? OWNER : 'zoe@acme.example';
    writeFileSync(join(folder, 'member-late.yaml'), member('late', email, rest));
    for (const command of ['plan', 'apply'] as const) {
      const { code, stdout } = await run(command);
      expect(lastLine(stdout)).toContain(reason);
      expect(code).toBe(5);
    }
  });

  test('people for whom there is no seat', async () => {
    await using vault = await startTestVault({ plan: 'Free' });
    const { first, run } = await applied(vault);
    expect(lastLine(first.stdout)).toMatch(/refused \(.*SeatsExhausted/);
    expect(first.code).toBe(5);
    expect((await run('plan')).code).toBe(5);
  });
});

test('what people cut leaves 3 while Git says otherwise, and 0 where it is accepted', async () => {
  await using vault = await startTestVault();
  const { run } = await applied(vault);
  const boss = await owner(vault);
  const { status } = await boss.ask('DELETE', `/vaults/${vault.vaultId}/members/bob@acme.example`);
  expect(status).toBe(204);
  const { code, stdout } = await run('apply');
  expect(lastLine(stdout)).toContain('1 cut by people');
  expect(code).toBe(3);
  expect((await run('plan', '--accept', 'cuts')).code).toBe(0);
  expect((await run('apply', '--accept', 'cuts')).code).toBe(0);
});

test('validate, plan and apply judge two Members with one address alike: 6, by file and line', async () => {
  await using vault = await startTestVault();
  const { folder, run } = await applied(vault);
  writeFileSync(join(folder, 'member-bob-2.yaml'), member('bob-2', 'BOB@acme.example'));
  const before = await vault.snapshot();
  const runs = [await seneschal('validate', folder), await run('plan'), await run('apply')];
  expect(runs.map(({ code }) => code)).toEqual([6, 6, 6]);
  for (const { stderr } of runs) {
    expect(stderr).toMatch(/member-bob(-2)?\.yaml:\d+:\d+: .*bob@acme\.example is claimed by/);
  }
  expect(await vault.snapshot()).toEqual(before);
});
