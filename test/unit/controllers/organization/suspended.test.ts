import { expect, it } from 'vitest';
import { failedStatusOf } from '#controllers/organization/pass-failure.ts';
import { statusesOf } from '#controllers/organization/statuses/statuses.ts';
import { suspendedStatusOf } from '#controllers/organization/statuses/suspended.ts';
import { AuthError } from '#runtime/runtime.ts';
import { desired, NOW, ORGANIZATION, objects, outcome, removal, said, state } from './pass.ts';

const statusOf = (object = ORGANIZATION, held = false) => {
  const steps = held ? [removal('bob')] : [];
  const hold = {
    reason: 'MassAbsence',
    rail: 9,
    steps,
    digest: null,
    message: 'held',
    next: '',
    byPlanApproval: false,
  } as const;
  const plan = held ? { steps, held: [hold] } : {};
  const patches = statusesOf(objects({ organization: object }), desired(), outcome(state(), plan), NOW);
  return patches.at(-1)?.status ?? { conditions: [] };
};
const suspendedAfter = (status: object) => suspendedStatusOf({ ...ORGANIZATION, status }, NOW);

it('keeps of a suspended Organization what was known of it, whatever it was', () => {
  expect(said(suspendedAfter(statusOf()).conditions)).toEqual([
    ...said(statusOf().conditions),
    'Suspended=True/Suspended',
  ]);
  const held = said(suspendedAfter(statusOf(ORGANIZATION, true)).conditions);
  expect(held).toContain('Ready=False/MassAbsence');
  expect(held).toContain('Stalled=True/MassAbsence');
  expect(held).toContain('PlanHeld=True/MassAbsence');
});

it('says Unknown of a suspended Organization that nobody ever looked at', () => {
  expect(said(suspendedStatusOf(ORGANIZATION, NOW).conditions)).toEqual([
    'Ready=Unknown/Suspended',
    'Suspended=True/Suspended',
  ]);
});

it('says Suspended no more once the Organization is looked at again, also where that fails', () => {
  const object = { ...ORGANIZATION, status: suspendedAfter(statusOf()) };
  const unauthorized = new AuthError('Unauthorized', 'The vault does not take the credentials.');
  const statuses = [statusOf(object), failedStatusOf(object, unauthorized, 0, NOW)];
  for (const status of statuses) {
    expect(said(status?.conditions ?? []).some((one) => one.startsWith('Suspended'))).toBe(false);
  }
});
