import { expect, test } from 'vitest';
import { emailOf } from '../membership/commands.ts';
import { calm, commit, deletes, memberNamed, named, present } from './calm.ts';

const PEOPLE = named(6);
/** One came from there before. */
const [, , ...OURS] = PEOPLE;
const spec = (name: string) => ({ email: emailOf(name), grants: [{ project: 'web', access: 'Read' }] });

test.each(['new first', 'old first'])(
  'people who move to another namespace that may bring them stay: %s',
  async (order) => {
    await using history = await calm(6, { listsTeam: true });
    const made = OURS.map(
      (name) =>
        ({ git: 'set', object: { ...memberNamed(name), namespace: 'team' }, spec: spec(name) }) as const,
    );
    const [first, then] = order === 'new first' ? [made, deletes(OURS)] : [deletes(OURS), made];
    for (const command of first) await history.take(command);
    await history.take({ pass: { is: 'None' } });
    await commit(history, then);
    expect(await present(history)).toEqual(PEOPLE);
  },
);

test('a folder that was moved to a namespace which nobody lists removes nobody', async () => {
  await using history = await calm(6);
  for (const name of PEOPLE)
    await history.take({
      git: 'set',
      object: { ...memberNamed(name), namespace: 'stray' },
      spec: spec(name),
    });
  await commit(history, deletes(PEOPLE));
  expect(await present(history)).toEqual(PEOPLE);
});

test('objects in a folder of another name are the same objects', async () => {
  await using history = await calm(6);
  const before = (await history.state()).revision;
  await commit(
    history,
    PEOPLE.slice(3).map((name, index) => ({
      git: 'set',
      object: memberNamed(`${name}-moved`),
      spec: { ...spec(name), grants: [{ project: 'web', access: (index + 3) % 2 === 0 ? 'Write' : 'Read' }] },
    })),
  );
  await commit(history, deletes(PEOPLE.slice(3)));
  expect(await present(history)).toEqual(PEOPLE);
  expect((await history.state()).revision).toBe(before);
});
