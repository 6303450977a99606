/** Histories that failed once, as they were printed. */
import { expect, test } from 'vitest';
import { faultsOf } from './check.ts';
import type { Start } from './commands.ts';
import { openOracle } from './memory.ts';

const NOTHING = { min: 0, max: 0, percent: 0 };
const START: Start = {
  manager: 'Operator',
  listsTeam: true,
  invitesPerHour: 2,
  invitesPerDay: 3,
  founders: ['dan'],
  rails: {
    lossBudget: { people: NOTHING, suspensions: NOTHING, invites: NOTHING, access: NOTHING },
    privilegeApproval: 'Always',
  },
};

test('a Member beside one of the same address that cannot be read was Ready, and nothing of it acted', async () => {
  const spec = { email: 'dan@acme.example', role: 'Member', state: 'Active' };
  expect(
    await faultsOf(openOracle, START, [
      { git: 'break', object: { kind: 'Member', namespace: 'acme', name: 'dan' } },
      { git: 'set', object: { kind: 'Member', namespace: 'team', name: 'dan' }, spec },
    ]),
  ).toEqual([]);
});

test('an edit that waited for an approval had an exhausted invite mailed every week', async () => {
  const object = { kind: 'Member', namespace: 'acme', name: 'alice' } as const;
  const spec = { email: 'alice@acme.example', state: 'Active' };
  expect(
    await faultsOf(openOracle, START, [
      { git: 'set', object, spec: { ...spec, role: 'Member' } },
      { pass: { is: 'None' } },
      { git: 'set', object, spec: { ...spec, role: 'Admin' } },
      { clock: 'goes on by weeks', weeks: 5 },
    ]),
  ).toEqual([]);
});
