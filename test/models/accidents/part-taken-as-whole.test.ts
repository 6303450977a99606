import { expect, test } from 'vitest';
import type { Command } from '../membership/commands.ts';
import { calm, commit, deletes, memberNamed, named, present } from './calm.ts';

const newcomer: Command = {
  git: 'set',
  object: memberNamed('newcomer'),
  spec: { email: 'newcomer@acme.example' },
};

test.each(['Operator', 'CommandLine'] as const)(
  'a folder that holds only what is new is taken for no removal of everybody else: %s',
  async (manager) => {
    const people = named(30);
    await using history = await calm(30, { manager });
    await commit(history, [...deletes(people), newcomer]);
    expect(await present(history)).toEqual(['newcomer', ...people]);
    expect(history.held.map(([reason]) => reason)).toContain('MassAbsence');
  },
);

test('neither is one with few of the others, within the budget or not', async () => {
  const people = named(8);
  await using history = await calm(8, {
    rails: { privilegeApproval: 'Never', lossBudget: { people: { min: 8 } } },
  });
  await commit(history, [...deletes(people.slice(3)), newcomer]);
  expect(await present(history)).toEqual(['newcomer', ...people]);
  expect(history.held.map(([reason]) => reason)).toEqual(['MassAbsence']);
});

test('a folder that lost all of its objects removes nobody', async () => {
  const people = named(8);
  await using history = await calm(8);
  await commit(history, [{ git: 'lose', namespace: 'acme' }]);
  expect(await present(history)).toEqual(people);
  expect(new Set(history.held.map(([reason]) => reason))).toEqual(new Set(['EmptySource']));

  // It is the folder that comes back, and nothing has to be mended.
  await commit(history, [{ git: 'revert' }]);
  expect(history.held).toEqual([]);
});

test('a cluster that is built again with half of its objects removes nobody', async () => {
  const people = named(8);
  await using history = await calm(8);
  await commit(history, [{ cluster: 'is rebuilt' }, ...deletes(people.slice(6))]);
  expect(await present(history)).toEqual(people);
  expect(history.held.map(([reason]) => reason)).toEqual(['NotSeenDeclared']);
});
