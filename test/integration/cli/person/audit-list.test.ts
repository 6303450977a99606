import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DevVault, ownSession, seneschal, startDevVault } from '#test/builders/command-line.ts';

let vault: DevVault;
ownSession();
const run = (...words: string[]) => seneschal('vault', ...words);
const listed = async (...words: string[]): Promise<{ action: string; subject: { key: string } }[]> =>
  JSON.parse((await run('audit', 'list', ...words, '-o', 'json')).stdout).entries;
beforeAll(async () => {
  vault = await startDevVault();
  await seneschal('login', ...vault.asOwner);
  for (const name of ['a', 'b', 'c']) await run('project', 'create', name);
  await run('invite', 'send', 'alice@acme.example');
});
afterAll(() => vault.stop());

test('the newest entry comes first, and it is said that there are older ones', async () => {
  const [first, ...others] = await listed();
  expect(first).toMatchObject({ action: 'member.invited', subject: { key: 'alice@acme.example' } });
  expect(others.length).toBeGreaterThan(3);
  const two = await run('audit', 'list', '--limit', '2');
  expect(two.stdout).toMatch(
    /member\.invited.*\n.*project\.created +Project c +aud_\w+\nThere are older ones/,
  );
});

test('entries are found by who, what, about what and when, alone and together', async () => {
  expect((await listed('--action', 'project.created')).map(({ subject }) => subject.key)).toEqual(
    expect.arrayContaining(['c', 'b', 'a']),
  );
  expect(await listed('--action', 'project.*', '--about', 'b')).toMatchObject([
    { action: 'project.created' },
  ]);
  expect(await listed('--by', 'owner', '--about', 'alice@acme.example')).toHaveLength(1);
  expect(await listed('--by', 'nobody')).toEqual([]);
  expect((await listed('--since', '1h')).length).toBe((await listed()).length);
  expect(await listed('--until', '1h')).toEqual([]);
  expect(await listed('--since', '2020-01-31T18:00:00Z', '--until', '2021-01-31T18:00:00Z')).toEqual([]);
});

test('what is looked for is found on whichever page it stands', async () => {
  for (let at = 0; at < 6; at++) await run('project', 'edit', 'c', '--description', `${at}`);
  expect(await listed('--about', 'a', '--limit', '1')).toMatchObject([{ action: 'project.created' }]);
});

test('after an entry the log goes on in its own order', async () => {
  const all = await listed('--after', '0', '--limit', '2');
  expect(all).toHaveLength(2);
  const wrong = await run('audit', 'list', '--since', 'yesterday');
  expect([wrong.code, wrong.stderr]).toEqual([64, expect.stringContaining('--since yesterday is no time')]);
});
