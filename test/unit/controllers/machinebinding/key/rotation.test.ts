import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KeyRules } from '#controllers/machinebinding/key/key-rotation.ts';
import { broken, HOUR, type Move, make, newWorld, settle, type World } from './rotation-model.ts';

const leader = fc.constantFrom<0 | 1>(0, 1);
const byLeader = fc.record({
  is: fc.constantFrom(
    ...([
      'act',
      'act',
      'act',
      'act',
      'seeStaged',
      'seeMounted',
      'seeVault',
      'endPass',
      'pass',
      'pass',
    ] as const),
    ...(['crash', 'works'] as const),
  ),
  leader,
});
const spans = fc.constantFrom(60_000, HOUR, 25 * HOUR, 8 * 24 * HOUR);
const anyMove: fc.Arbitrary<Move> = fc.oneof(
  { weight: 12, arbitrary: byLeader },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('tick' as const), by: spans }) },
  {
    weight: 1,
    arbitrary: fc.record({
      ...{ is: fc.constant('jump' as const), leader },
      by: fc.constantFrom(0, -30 * 24 * HOUR, -HOUR, HOUR, 30 * 24 * HOUR),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      is: fc.constantFrom(
        'epoch' as const,
        'podReads',
        'podReads',
        'podRestarts',
        'loseMounted',
        'loseStaged',
        'strangersKey',
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant('compromise' as const),
      which: fc.constantFrom('mounted' as const, 'other'),
    }),
  },
);

const anyRules: fc.Arbitrary<Partial<KeyRules>> = fc.record({
  rotateEvery: fc.constantFrom(null, 48 * HOUR),
  overlap: fc.constantFrom(HOUR, 24 * HOUR),
  maxOverlap: fc.constantFrom(null, null, 72 * HOUR),
});

function walk(rules: Partial<KeyRules>, history: readonly Move[]): World {
  const world = newWorld(rules);
  for (const move of history) {
    make(world, move);
    expect(broken(world)).toBeUndefined();
  }
  return world;
}

/** What a process does that nobody disturbs, and is stopped in somewhere: to go on later, or never. */
const SCRIPT = ['act', 'act', 'act', 'act', 'pass', 'seeVault', 'endPass'] as const;
const stoppedPass: fc.Arbitrary<Move[]> = fc
  .record({ leader, isNew: fc.boolean(), from: fc.nat(SCRIPT.length), length: fc.nat(16) })
  .map(({ leader: which, isNew, from, length }) => [
    ...(isNew ? [{ is: 'crash' as const, leader: which }] : []),
    ...Array.from({ length }, (_, at) => ({
      is: SCRIPT[(from + at) % SCRIPT.length] ?? 'act',
      leader: which,
    })),
  ]);
/** Much happens meanwhile. */
const meanwhile: fc.Arbitrary<Move[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ is: fc.constant('works' as const), leader }) },
    fc.record({ is: fc.constant('tick' as const), by: fc.constantFrom(HOUR, 25 * HOUR) }),
    fc.record({
      is: fc.constantFrom('epoch' as const, 'epoch', 'epoch', 'podReads', 'podRestarts', 'loseMounted'),
    }),
  ),
  { maxLength: 10 },
);
const histories = fc
  .array(fc.oneof(stoppedPass, meanwhile, fc.array(anyMove, { maxLength: 10 })), { maxLength: 12 })
  .map((parts) => parts.flat());

test('with kills, two leaders, stale caches and clocks that jump: never a third key, never a mounted key that the vault refuses', () => {
  fc.assert(
    fc.property(anyRules, histories, (rules, history) => {
      const world = walk(rules, history);
      settle(world);
      expect(broken(world)).toBeUndefined();
    }),
    { numRuns: 2_000 },
  );
});

test('a valid key that no Secret holds is told of, but for an old one within its time', () => {
  fc.assert(
    fc.property(anyRules, histories, (rules, history) => {
      const world = walk(rules, history);
      const { others } = settle(world);
      const held = [world.staged?.fingerprint, world.mounted?.fingerprint];
      for (const { fingerprint, addedAt, lastUsedAt } of world.keys) {
        if (held.includes(fingerprint)) continue;
        const told = others.keys.find((key) => key.fingerprint === fingerprint);
        expect(told).toBeDefined();
        if (told?.told !== null) continue;
        expect(told.is).toBe('Old');
        const { since } = world.mounted ?? { since: 0 };
        const clock = world.now + world.leaders[0].skew;
        const idle = Math.max(addedAt, lastUsedAt ?? 0, Math.min(since, clock)) + world.rules.overlap;
        expect(idle + 10 * 60_000).toBeGreaterThan(world.now + Math.min(0, world.leaders[0].skew));
      }
    }),
    { numRuns: 500 },
  );
});

test('where clocks agree and nothing is used any more, the mounted key is the only one of this installation after a while', () => {
  fc.assert(
    fc.property(anyRules, histories, (rules, history) => {
      const world = walk({ ...rules, rotateEvery: null }, history);
      for (const which of [0, 1] as const) make(world, { is: 'jump', leader: which, by: 0 });
      world.rules = { ...world.rules, compromised: [...world.rules.compromised] };
      // The marks of a clock that was ahead count once it is past them.
      make(world, { is: 'tick', by: 31 * 24 * HOUR });
      for (let round = 0; round < 4; round += 1) {
        settle(world);
        make(world, { is: 'tick', by: 26 * HOUR });
      }
      const { isBlocked } = settle(world);
      const ours = world.keys.filter(({ installation }) => installation !== null);
      if (isBlocked) return;
      expect(ours.map(({ fingerprint }) => fingerprint)).toEqual([world.mounted?.fingerprint]);
      expect(world.staged).toBeNull();
    }),
    { numRuns: 500 },
  );
});

test('a pod that is not restarted keeps its key, whatever is declared but maxOverlap and compromised', () => {
  fc.assert(
    fc.property(fc.array(anyMove, { maxLength: 40 }), (history) => {
      const world = newWorld();
      settle(world);
      make(world, { is: 'podRestarts' });
      const key = world.pod;
      for (const move of history) {
        if (move.is === 'podRestarts' || move.is === 'compromise') continue;
        make(world, { is: 'podReads' });
        make(world, move);
        // It reads every minute, so that no time passes without.
        if (move.is === 'tick') make(world, { is: 'podReads' });
        expect(world.keys.some(({ fingerprint }) => fingerprint === key)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test('an epoch rotates once, and a namespace that is built anew twice has a key again after ten minutes', () => {
  const world = newWorld();
  settle(world);
  const first = world.mounted?.fingerprint;
  make(world, { is: 'epoch' });
  settle(world);
  const second = world.mounted?.fingerprint;
  expect(second).not.toBe(first);
  settle(world, 1);
  expect(world.mounted?.fingerprint).toBe(second);

  make(world, { is: 'tick', by: 25 * HOUR });
  settle(world);
  expect(world.keys.map(({ fingerprint }) => fingerprint)).toEqual([second]);

  for (let built = 0; built < 2; built += 1) {
    settle(world);
    make(world, { is: 'podRestarts' });
    make(world, { is: 'podReads' });
    make(world, { is: 'loseMounted' });
  }
  expect(settle(world).isBlocked).toBe(true);
  expect(world.mounted).toBeNull();
  make(world, { is: 'tick', by: 10 * 60_000 });
  settle(world);
  expect(world.mounted).not.toBeNull();
  expect(world.keys).toHaveLength(2);
});

test('a compromised key is followed and gone at once, once for each', () => {
  const world = newWorld();
  settle(world);
  make(world, { is: 'podRestarts' });
  make(world, { is: 'podReads' });
  const first = world.mounted?.fingerprint;
  make(world, { is: 'compromise', which: 'mounted' });
  settle(world);
  const second = world.mounted?.fingerprint;
  expect(second).not.toBe(first);
  expect(world.keys.map(({ fingerprint }) => fingerprint)).toEqual([second]);
  settle(world, 1);
  expect(world.mounted?.fingerprint).toBe(second);
});
