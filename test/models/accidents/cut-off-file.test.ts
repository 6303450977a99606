import fc from 'fast-check';
import { expect, test } from 'vitest';
import { desiredOf } from '#engine/desired.ts';
import { plan } from '#planning/plan.ts';
import { parseManifest } from '#source/manifest.ts';
import { declaring, policy, settled } from '#test/builders/desired.ts';
import { NOW, organization } from '#test/builders/organization.ts';
import { CONTEXT, organizationResource } from '#test/builders/resources.ts';
import { named } from './calm.ts';

const PEOPLE = named(20);
const TEXT = PEOPLE.map((name) =>
  [
    'apiVersion: seneschal.dev/v1alpha1',
    'kind: Member',
    `metadata: {name: ${name}, namespace: acme}`,
    'spec:',
    '  organizationRef: {name: acme}',
    `  email: ${name}@acme.example`,
    '',
  ].join('\n'),
).join('---\n');

test('a file that ends anywhere is refused, or what is missing is held beyond what a week may lose', () => {
  const there = PEOPLE.reduce((state, name) => state.member(`${name}@acme.example`), organization())
    .ours()
    .build();
  const state = settled(there);
  expect(plan(declaring(there).build(), state, policy(), NOW).steps).toEqual([]);
  let readable = 0;
  fc.assert(
    fc.property(fc.nat({ max: TEXT.length }), (end) => {
      const { objects, problems } = parseManifest('members.yaml', TEXT.slice(0, end));
      if (problems.length > 0) return;
      readable += 1;
      const { desired } = desiredOf(
        organizationResource(),
        objects.map(({ object }) => object),
        CONTEXT,
      );
      const { runnable } = plan(desired, state, policy(), NOW);
      const removed = runnable.filter(({ action }) => action.kind === 'RemoveMember');
      expect(removed.length).toBeLessThanOrEqual(2);
    }),
    { numRuns: 100 },
  );
  expect(readable).toBeGreaterThan(0);
});
