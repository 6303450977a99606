import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type DevVault,
  folderWith,
  ownSession,
  seneschal,
  startDevVault,
} from '#test/builders/command-line.ts';

const ALICE = 'alice@acme.example';

let vault: DevVault;
ownSession();
beforeAll(async () => {
  vault = await startDevVault();
  const { url, vaultId, owner } = vault;
  const who = ['--as', owner.email, '--password-file', owner.passwordFile];
  await seneschal('vault', 'login', '--url', url, '--vault', vaultId, ...who);
});
afterAll(() => vault.stop());

const json = async (...words: string[]) =>
  JSON.parse((await seneschal('vault', ...words, '-o', 'json')).stdout);
const text = async (...words: string[]): Promise<string> => {
  const { code, stdout, stderr } = await seneschal('vault', ...words);
  expect([words.join(' '), code, stderr]).toEqual([words.join(' '), 0, '']);
  return stdout;
};
const organization = (reinstate?: string) =>
  folderWith({
    'acme.yaml': `apiVersion: seneschal.dev/v1alpha1
kind: Organization
metadata: {name: acme}
spec: {vault: {seneschal: {credentialsSecretRef: {name: vault-credentials}}}}
---
apiVersion: seneschal.dev/v1alpha1
kind: Member
metadata: {name: alice}
spec:
  organizationRef: {name: acme}
  email: ${ALICE}
${reinstate === undefined ? '' : `  reinstate: ${reinstate}\n`}`,
  });
/** What a plan prints, in one line. */
const plan = async (folder: string): Promise<string> =>
  (await seneschal('plan', folder, ...vault.options)).stdout.replace(/\s+/g, ' ');

test('what a person makes final is planned by no entry in Git, until the command that the plan names lifts it (rail 7)', async () => {
  await text('invite', 'send', ALICE);
  await text('member', 'remove', ALICE, '--yes');
  const { cuts } = await json('cut', 'list');
  expect(cuts).toMatchObject([{ key: ALICE, act: 'Removed', actor: 'owner', final: false }]);
  const [{ entry }] = cuts;
  expect(await text('audit', 'list')).toContain(entry);
  expect(await plan(organization(entry))).toContain(`InviteMember ${ALICE}`);

  expect(await text('cut', 'final', entry)).toContain(`${entry} is final`);
  expect(await text('cut', 'list')).toMatch(
    new RegExp(`^${entry} .* owner +Removed +Member ${ALICE} +yes$`, 'm'),
  );
  const kept = await plan(organization(entry));
  expect(kept).not.toContain(`InviteMember ${ALICE}`);
  expect(kept).toContain('that is final');
  const [, command = ''] = /seneschal (vault cut lift aud_\w+)/.exec(kept) ?? [];
  const lifted = await seneschal(...command.split(' '));
  expect([lifted.code, lifted.stdout]).toEqual([0, expect.stringContaining('final no more')]);
  expect(await plan(organization(entry))).toContain(`InviteMember ${ALICE}`);
});

test('an entry under which nothing was cut is told as such', async () => {
  const none = await seneschal('vault', 'cut', 'final', 'aud_0123456789abcdef');
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('No cut stands under the entry')]);
});
