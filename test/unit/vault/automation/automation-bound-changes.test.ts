import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  CEILING_CLASSES,
  type CeilingClass,
  DEFAULT_GAIN_BUDGETS,
  GAIN_BUDGET_NAMES,
  type GainBudgetName,
} from '#model/gains.ts';
import { type Limit, type Limits, widened } from '#vault/automation/automation-bound-changes.ts';

const count = fc.integer({ min: 0, max: 3 });
const BOUNDED = { invitesPerHour: count, invitesPerDay: count, projectsPerDay: count, raises: count };
const ranges = fc.option(fc.uniqueArray(fc.constantFrom('10.0.0.0/8', '192.0.2.0/24', '2001:db8::/32')));
const limits: fc.Arbitrary<Limits> = fc.record({
  ceilings: fc
    .tuple(...CEILING_CLASSES.map(() => count))
    .map(
      (counts) =>
        Object.fromEntries(CEILING_CLASSES.map((one, index) => [one, counts[index] ?? 0])) as Record<
          CeilingClass,
          number
        >,
    ),
  projects: fc.option(fc.uniqueArray(fc.constantFrom('proj_1', 'proj_2', 'proj_3'))),
  gains: fc
    .record({ ...BOUNDED, machinesPerHour: fc.option(count), unprovenKeys: fc.option(count) })
    .map((budgets) => ({ ...DEFAULT_GAIN_BUDGETS, ...budgets })),
  managers: fc.option(fc.uniqueArray(fc.constantFrom('acme/acme', 'acme/shop'))),
  addresses: ranges,
  machineAddresses: ranges,
  expiresAt: fc.option(count),
});

const RANGES = ['10.0.0.0/8', '192.0.2.0/24', '2001:db8::/32', '203.0.113.0/24'];

it('bounds are widened exactly where something is let through by the new ones that the old ones refused (V4)', () => {
  // What a request may come to, asked of each bound by itself.
  const lets = (of: Limits): Record<Limit, readonly boolean[]> => ({
    ceilings: CEILING_CLASSES.flatMap((one) => [1, 2, 3].map((units) => units <= of.ceilings[one])),
    projects: ['proj_1', 'proj_2', 'proj_3', 'proj_4'].map((id) => of.projects?.includes(id) ?? true),
    // Of ranges that lie apart; one within another counts as wider too.
    addresses: RANGES.map((range) => of.addresses?.includes(range) ?? true),
    machineAddresses: RANGES.map((range) => (of.machineAddresses ?? of.addresses)?.includes(range) ?? true),
    managers: ['acme/acme', 'acme/shop', 'other'].map((name) => of.managers?.includes(name) ?? true),
    ...(Object.fromEntries(
      GAIN_BUDGET_NAMES.map((name) => {
        const most = of.gains[name];
        return [name, [0, 1, 2, 3].map((before) => most === null || before < most)];
      }),
    ) as unknown as Record<GainBudgetName, readonly boolean[]>),
    expiresAt: [0, 1, 2, 3].map((now) => of.expiresAt === null || now < of.expiresAt),
  });
  fc.assert(
    fc.property(limits, limits, (before, after) => {
      const [was, is] = [lets(before), lets(after)];
      const expected = (Object.keys(was) as Limit[]).filter((one) =>
        is[one].some((through, index) => through && was[one][index] === false),
      );
      expect([...widened(before, after)].sort()).toEqual(expected.sort());
    }),
  );
});
