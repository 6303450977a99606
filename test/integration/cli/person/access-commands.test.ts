import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DevVault, ownSession, seneschal, startDevVault } from '#test/builders/command-line.ts';

let vault: DevVault;
let alice = '';
ownSession();
beforeAll(async () => {
  vault = await startDevVault();
  alice = vault.people[0]?.email ?? '';
  const { email, passwordFile } = vault.owner;
  const address = ['--url', vault.url, '--vault', vault.vaultId];
  await seneschal('vault', 'login', ...address, '--as', email, '--password-file', passwordFile);
  await owner('invite', 'send', alice);
  const asAlice = ['--url', vault.url, '--as', alice, '--password-file', vault.people[0]?.passwordFile ?? ''];
  const { stdout } = await owner('invite', 'mine', '-o', 'json', ...asAlice);
  await owner('invite', 'accept', JSON.parse(stdout).invites[0].id, ...asAlice);
});
afterAll(() => vault.stop());

const owner = (...words: string[]) => seneschal('vault', ...words);
async function text(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await owner(...words);
  expect([words.join(' '), code, stderr]).toEqual([words.join(' '), 0, '']);
  return stdout;
}

describe('an owner at a terminal', () => {
  test('gives access by grant, template and group, and sees which of them gives what', async () => {
    await text('project', 'create', 'web', '--description', 'the shop');
    await text('member', 'grant', alice, 'web', 'Read');
    await text(
      'template',
      'create',
      'auditors',
      '--cell',
      'Audit log: View others',
      'Secrets: View',
      '--project',
      'web',
    );
    await text('member', 'set-template', alice, 'auditors');
    await text('group', 'create', 'Writers');
    await text('group', 'add', 'Writers', alice);
    await text('group', 'grant', 'Writers', 'web', 'Write');
    const shown = await text('access', 'show', '--member', alice);
    expect(shown).toMatch(/Secrets: Manage +web +group Writers \(web:Write\)$/m);
    expect(shown).toMatch(/Secrets: View +web +.*template auditors.*grant web:Read.*group Writers/m);
    expect(await text('access', 'show', '--cell', 'Secrets: Manage', '--project', 'web')).toContain(alice);
    expect(await text('access', 'usage')).toMatch(/^Tier .*\n/);
    await text('group', 'delete', 'Writers', '--yes');
    expect(await text('access', 'show', '--member', alice)).not.toContain('Secrets: Manage');
    await text('member', 'set-template', alice);
    await text('template', 'delete', 'auditors', '--yes');
  });

  test('says until when, sees it, and is told what is no time (M5)', async () => {
    await text('project', 'create', 'api');
    await text('member', 'grant', alice, 'api', 'Read', '--expires-at', '2099-01-31T18:00:00Z');
    expect(await text('access', 'show', '--member', alice, '--project', 'api')).toMatch(
      /Secrets: View +api +grant api:Read until 2099-01-31/,
    );
    await text('group', 'create', 'Guests');
    await text('group', 'add', 'Guests', alice, '--expires-at', '2098-12-31T23:59:59Z');
    expect(await text('group', 'members', 'Guests')).toMatch(/Active +2098-12-31/);
    await text('member', 'set-end', alice, '2020-01-01T00:00:00Z');
    expect(await text('member', 'list')).toMatch(/Ended .* 2020-01-01T/);
    await text('member', 'set-end', alice, 'never');
    expect(await text('member', 'list')).toMatch(/alice .* Active .* - +no/);
    const { code, stderr } = await owner('member', 'set-end', alice, 'tomorrow');
    expect([code, stderr]).toEqual([64, expect.stringContaining('2027-01-31T18:00:00Z, or never')]);
  });

  test('names a cell that does not exist, and sends nothing', async () => {
    const { code, stderr } = await owner('template', 'create', 'x', '--cell', 'Secrets: Read');
    expect([code, stderr]).toEqual([64, expect.stringContaining('There is no cell "Secrets: Read"')]);
  });
});
