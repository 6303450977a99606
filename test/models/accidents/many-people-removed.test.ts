import { expect, test } from 'vitest';
import { calm, commit, deletes, named, present, removals, weeks } from './calm.ts';

test('20 of 384 people gone in one commit stay, held until somebody approves it', async () => {
  const people = named(384);
  await using history = await calm(384);
  const gone = people.slice(100, 120);
  await commit(history, deletes(gone));
  expect(await present(history)).toEqual(people);
  expect(history.held).toEqual([['LossBudget', removals(gone)]]);

  // No time releases it.
  await weeks(history, 2);
  expect(await present(history)).toEqual(people);
  await history.take({ owner: 'approves' });
  await commit(history, []);
  expect(await present(history)).toEqual(people.filter((name) => !gone.includes(name)));
});

test.each([
  ['four at a time', [4, 4, 4], 0],
  // Three are 5 % of sixty.
  ['three first', [3, 4, 5], 3],
])('12 of 60 gone in three commits within seven days: %s', async (_, sizes, leave) => {
  const people = named(60);
  await using history = await calm(60);
  let from = 10;
  for (const size of sizes) {
    await commit(history, deletes(people.slice(from, from + size)));
    await history.take({ clock: 'goes on', seconds: 2 * 24 * 3600 });
    from += size;
  }
  const left = [...people.slice(0, 10), ...people.slice(10 + leave)];
  expect(await present(history)).toEqual(left);
  expect(history.held).toEqual([['LossBudget', removals(people.slice(10 + leave, 22))]]);
  await weeks(history, 2);
  expect(await present(history)).toEqual(left);
});
