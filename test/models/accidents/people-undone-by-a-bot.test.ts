import { expect, test } from 'vitest';
import { emailOf } from '../membership/commands.ts';
import { calm, commit, memberNamed, named, present, weeks } from './calm.ts';

const [ADMIN = '', BOB = '', CAROL = '', DAN = ''] = named(5);

test('what people cut by hand in an incident stays cut, pass after pass, until Git names the entry (rail 7)', async () => {
  await using history = await calm(5);
  for (const [owner, name] of [
    ['removes', BOB],
    ['suspends', CAROL],
    ['lowers the role of', ADMIN],
  ] as const) {
    await history.take({ owner, email: emailOf(name) });
  }
  await history.take({ owner: 'takes the grant of', email: emailOf(DAN), project: 'web' });
  const cut = (await history.state()).members;

  await weeks(history, 3);
  // An edit of something else undoes nothing either.
  await commit(history, [
    { git: 'set', object: { kind: 'Project', namespace: 'acme', name: 'web' }, spec: { description: 'new' } },
  ]);
  expect((await history.state()).members).toEqual(cut);

  await commit(history, [{ git: 'reinstate', object: memberNamed(BOB) }]);
  expect(await present(history)).toContain(BOB);
  expect((await history.state()).members.find(({ email }) => email === emailOf(CAROL))?.state).toBe(
    'Suspended',
  );
});
