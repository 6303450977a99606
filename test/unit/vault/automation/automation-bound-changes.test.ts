import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LOSS_CLASSES, type LossClass } from '#model/loss.ts';
import { type Limits, widened } from '#vault/automation/automation-bound-changes.ts';

const count = fc.integer({ min: 0, max: 3 });
const limits: fc.Arbitrary<Limits> = fc.record({
  ceilings: fc
    .tuple(...LOSS_CLASSES.map(() => count))
    .map(
      (counts) =>
        Object.fromEntries(LOSS_CLASSES.map((one, index) => [one, counts[index] ?? 0])) as Record<
          LossClass,
          number
        >,
    ),
  projects: fc.option(fc.uniqueArray(fc.constantFrom('proj_1', 'proj_2', 'proj_3'))),
  machinesPerHour: fc.option(count),
  addresses: fc.option(fc.uniqueArray(fc.constantFrom('10.0.0.0/8', '192.0.2.0/24', '2001:db8::/32'))),
  expiresAt: fc.option(count),
});

it('bounds are widened exactly where something is let through by the new ones that the old ones refused (V4)', () => {
  // What a request may come to, asked of each bound by itself.
  const lets = (of: Limits): Record<keyof Limits, readonly boolean[]> => ({
    ceilings: LOSS_CLASSES.flatMap((one) => [1, 2, 3].map((units) => units <= of.ceilings[one])),
    projects: ['proj_1', 'proj_2', 'proj_3', 'proj_4'].map((id) => of.projects?.includes(id) ?? true),
    // Of ranges that lie apart; one within another counts as wider too.
    addresses: ['10.0.0.0/8', '192.0.2.0/24', '2001:db8::/32', '203.0.113.0/24'].map(
      (range) => of.addresses?.includes(range) ?? true,
    ),
    machinesPerHour: [0, 1, 2, 3].map((before) => of.machinesPerHour === null || before < of.machinesPerHour),
    expiresAt: [0, 1, 2, 3].map((now) => of.expiresAt === null || now < of.expiresAt),
  });
  fc.assert(
    fc.property(limits, limits, (before, after) => {
      const [was, is] = [lets(before), lets(after)];
      const expected = (Object.keys(was) as (keyof Limits)[]).filter((one) =>
        is[one].some((through, index) => through && was[one][index] === false),
      );
      expect([...widened(before, after)].sort()).toEqual(expected.sort());
    }),
  );
});
