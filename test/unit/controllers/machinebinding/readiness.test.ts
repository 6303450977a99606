import fc from 'fast-check';
import { expect, test } from 'vitest';
import { STATUSES } from '#api/v1alpha1/status.ts';
import type { BindingSummary } from '#controllers/machine-registry.ts';
import { type PartOutcome, stalled, waiting } from '#controllers/machinebinding/part-outcome.ts';
import {
  type BindingStatus,
  bindingStatus,
  conditionsOf,
  type Found,
  ownStatus,
  readinessOf,
  suspendedStatus,
  watchedStatus,
} from '#controllers/machinebinding/readiness.ts';

const done: PartOutcome = { is: 'done', message: 'fine' };
const settled: BindingSummary = { machineName: 'm', state: 'Settled', reason: 'Succeeded', message: '' };
const held: BindingSummary = { ...settled, state: 'Stalled', reason: 'LossBudget', message: 'held' };
const now = Date.parse('2026-01-01T00:00:00Z');

const found = (parts: Partial<Found> = {}): Found => ({
  generation: 2,
  previous: [],
  summary: settled,
  key: done,
  fingerprint: 'f',
  standing: null,
  secrets: done,
  targets: [],
  now,
  ...parts,
});

test.each([
  ['all done', {}, 'ready', 'Succeeded'],
  [
    'the vault waits',
    { summary: { ...settled, state: 'Waiting', reason: 'Progressing', message: '' } },
    'reconciling',
    'Progressing',
  ],
  ['a rail holds', { summary: held }, 'stalled', 'LossBudget'],
  [
    'a Secret is foreign, whatever the vault says',
    { summary: held, key: stalled('SecretConflict', '') },
    'stalled',
    'SecretConflict',
  ],
  ['a target waits', { secrets: waiting('SecretMissing', '') }, 'reconciling', 'SecretMissing'],
  ['a target is foreign', { key: done, secrets: stalled('SecretConflict', '') }, 'stalled', 'SecretConflict'],
  ['nobody looked', { summary: undefined }, 'reconciling', 'WaitingForOrganization'],
] as [string, Partial<Found>, string, string][])(
  'Ready follows the worst part: %s',
  (_, parts, is, reason) => {
    expect(readinessOf(found(parts))).toMatchObject({ is, reason });
  },
);

const outcomes = fc.constantFrom<PartOutcome>(
  done,
  waiting('SecretMissing', 'w'),
  stalled('SecretConflict', 's'),
);
const summaries = fc.constantFrom<BindingSummary | undefined>(undefined, settled, held);

test('a status says the same again for the same findings, never both Reconciling and Stalled, and fits the schema', () => {
  fc.assert(
    fc.property(outcomes, outcomes, summaries, (key, secrets, summary) => {
      const first = bindingStatus(found({ key, secrets, summary }));
      const again = bindingStatus(
        found({ key, secrets, summary, previous: conditionsOf(first), now: now + 60_000 }),
      );
      expect(again).toEqual(first);
      const types = conditionsOf(first).map(({ type }) => type);
      expect(types.includes('Reconciling') && types.includes('Stalled')).toBe(false);
      expect(conditionsOf(first).every(({ observedGeneration }) => observedGeneration === 2)).toBe(true);
      expect(STATUSES.MachineBinding.safeParse(first).success).toBe(true);
    }),
  );
});

test('only the own part of a status is compared and written', () => {
  const condition = {
    status: 'True',
    reason: 'Succeeded',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  } as const;
  const conditions = [
    { type: 'Registered', ...condition },
    { type: 'KeyIssued', ...condition },
  ];
  const own = ownStatus({
    observedGeneration: -1,
    machineId: 'm',
    grantedSecrets: 2,
    fingerprint: 'f',
    conditions,
  });
  expect(own).toEqual({
    fingerprint: 'f',
    conditions: [{ type: 'KeyIssued', ...condition }],
  } satisfies BindingStatus);
});

const statusOf = (status: BindingStatus, type: string) =>
  conditionsOf(status).find((condition) => condition.type === type);

test('of a suspended binding Ready keeps what it was, and nothing is under way', () => {
  const before = bindingStatus(found({ secrets: stalled('SecretConflict', 's') }));
  const after = suspendedStatus(before, 3, now);
  expect(after.observedGeneration).toBe(3);
  expect(statusOf(after, 'Ready')).toEqual(statusOf(before, 'Ready'));
  expect(conditionsOf(after).map(({ type }) => type)).toEqual([
    'KeyIssued',
    'Ready',
    'SecretsSynced',
    'Stalled',
    'Suspended',
  ]);
  const waiting = bindingStatus(found({ key: { is: 'waiting', reason: 'WaitingForKey', message: 'w' } }));
  expect(statusOf(suspendedStatus(waiting, 3, now), 'Reconciling')).toBeUndefined();
});

test('of a suspended binding that never ran Ready is Unknown', () => {
  expect(statusOf(suspendedStatus({ conditions: [] }, 1, now), 'Ready')).toMatchObject({
    status: 'Unknown',
    reason: 'Suspended',
  });
});

test('a binding that goes on says Suspended no more', () => {
  const suspended = suspendedStatus(bindingStatus(found()), 3, now);
  const previous = conditionsOf(suspended);
  expect(statusOf(bindingStatus(found({ previous })), 'Suspended')).toBeUndefined();
  expect(statusOf(watchedStatus(suspended, undefined, 4, now), 'Suspended')).toBeUndefined();
});

test('Ready does not stay True while the vault is only watched and a rail holds the machine (rails 10 and 12)', () => {
  const ready = bindingStatus(found());
  const watched = watchedStatus(ready, { ...held, reason: 'ObserveOnly' }, 2, now);
  const readiness = ['Ready', 'Stalled'].map((type) =>
    conditionsOf(watched).find((condition) => condition.type === type),
  );
  expect(readiness).toMatchObject([
    { status: 'False', reason: 'ObserveOnly', message: 'held' },
    { status: 'True', reason: 'ObserveOnly', message: 'held' },
  ]);
  expect(conditionsOf(watched).find(({ type }) => type === 'KeyIssued')).toMatchObject({ status: 'True' });
  expect(watchedStatus(ready, settled, 2, now)).toEqual(ready);
  expect(watchedStatus(ready, undefined, 2, now)).toEqual(ready);
});
