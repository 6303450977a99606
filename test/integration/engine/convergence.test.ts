import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitraryResources } from '#test/builders/arbitrary-resources.ts';
import { World } from './world.ts';

test('any organization is there after one pass, and the next pass is one request that writes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryResources, async (objects) => {
      await using world = await World.start();
      const first = await world.pass(objects);
      expect([...first.answers.values()].filter(({ status }) => status !== 'Done')).toEqual([]);
      expect(first.plan.steps.map(({ action }) => `${action.kind} ${action.key}`)).toEqual([]);
      expect(first.unfinished).toBe(false);

      world.requests.length = 0;
      const idle = await world.pass(objects);
      expect(world.requests).toEqual(['GET /snapshot 304']);
      expect(idle).toMatchObject({ writes: 0, observation: { moved: false } });
      expect(world.vault.faults).toEqual([]);
    }),
    { numRuns: 15 },
  );
});

test('any organization becomes any other, or says what holds it, and nothing is refused', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryResources, arbitraryResources, async (before, after) => {
      await using world = await World.start();
      await world.pass(before);
      const result = await world.pass(after);
      expect([...result.answers.values()].filter(({ status }) => status !== 'Done')).toEqual([]);
      const held = new Set(result.plan.held.flatMap(({ steps }) => steps.map(({ hash }) => hash)));
      const left = result.plan.steps.filter(
        ({ hash }) => !held.has(hash) && result.plan.runnable.some((s) => s.hash === hash),
      );
      expect(left.map(({ action }) => `${action.kind} ${action.key}`)).toEqual([]);
    }),
    { numRuns: 15 },
  );
});
