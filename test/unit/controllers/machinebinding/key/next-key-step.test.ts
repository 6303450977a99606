import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextKeyStep, type Slot } from '#controllers/machinebinding/key/next-key-step.ts';
import { after, broken, MOVES, newModel } from './key-model.ts';
import { statesReached } from './states-reached.ts';

const nothing: Slot = { holds: 'nothing', confirmed: true };
const unconfirmed: Slot = { holds: 'nothing', confirmed: false };
const key = (fingerprint: string): Slot => ({ holds: 'key', fingerprint });
const inherited: Slot = { holds: 'inherited', fingerprint: 'a' };
const moved: Slot = { holds: 'moved', fingerprint: 'a', confirmed: true };
const undisturbed = { follows: null, mountedIsFresh: false, due: false, compromised: [] };
const foreign: Slot = { holds: 'foreign' };

describe('the next step of a key', () => {
  const table: readonly [string, Slot, Slot, readonly string[], object][] = [
    [
      'nothing in the cache: looks past it',
      unconfirmed,
      unconfirmed,
      [],
      { do: 'confirm', place: 'mounted' },
    ],
    ['nothing mounted: stages a key', unconfirmed, nothing, [], { do: 'stage' }],
    ['just staged: looks again', key('a'), unconfirmed, [], { do: 'confirm', place: 'mounted' }],
    ['staged: has it registered', key('a'), nothing, [], { do: 'offer', place: 'staged', fingerprint: 'a' }],
    ['staged and accepted: mounts it', key('a'), nothing, ['a'], { do: 'mount', fingerprint: 'a' }],
    ['mounted and still staged: unstages', key('a'), key('a'), ['a'], { do: 'unstage' }],
    ['mounted and accepted: done', unconfirmed, key('a'), ['a'], { do: 'done', fingerprint: 'a' }],
    [
      'mounted, unknown to the vault: offers it',
      nothing,
      key('a'),
      [],
      { do: 'offer', place: 'mounted', fingerprint: 'a' },
    ],
    ['staged beside an accepted one: never offered', key('b'), key('a'), ['a'], { do: 'unstage' }],
    [
      'staged beside one that was accepted once: offers that',
      key('b'),
      key('a'),
      [],
      { do: 'offer', place: 'mounted', fingerprint: 'a' },
    ],
    [
      'both accepted: the staged one is the newer',
      key('b'),
      key('a'),
      ['a', 'b'],
      { do: 'mount', fingerprint: 'b' },
    ],
    [
      'a lost half: the new key takes the free slot',
      key('b'),
      nothing,
      ['a'],
      { do: 'offer', place: 'staged', fingerprint: 'b' },
    ],
    [
      'of an earlier object: marked first',
      unconfirmed,
      inherited,
      ['a'],
      { do: 'inherit', place: 'mounted' },
    ],
    [
      'a foreign Secret is mounted: nothing is staged',
      nothing,
      foreign,
      [],
      { do: 'conflict', place: 'mounted' },
    ],
    ['a planted one is staged: never used', foreign, nothing, [], { do: 'conflict', place: 'staged' }],
    [
      'one of another address is mounted: looks past the cache',
      nothing,
      { ...moved, confirmed: false },
      ['a'],
      { do: 'confirm', place: 'mounted' },
    ],
    ['one of another address is mounted: stages another key', nothing, moved, ['a'], { do: 'stage' }],
    [
      'staged beside one of another address: has it registered beside it',
      key('b'),
      moved,
      ['a'],
      { do: 'offer', place: 'staged', fingerprint: 'b' },
    ],
    [
      'staged and accepted beside one of another address: mounts it',
      key('b'),
      moved,
      ['a', 'b'],
      { do: 'mount', fingerprint: 'b' },
    ],
    [
      'one of another address is staged: it goes, registered or not',
      moved,
      nothing,
      ['a'],
      { do: 'unstage' },
    ],
    ['one of another address is staged beside the key: it goes', moved, key('b'), ['b'], { do: 'unstage' }],
  ];
  test.each(table)('%s', (_, staged, mounted, accepted, step) => {
    expect(nextKeyStep({ ...undisturbed, staged, mounted, accepted })).toEqual(step);
  });
});

describe('the next step of a rotation', () => {
  const due = { due: true };
  const fresh = { follows: 'a', mountedIsFresh: true };
  const table: readonly [string, Slot, Slot, readonly string[], object, object][] = [
    [
      'due, with a free slot: stages a key to follow',
      unconfirmed,
      key('a'),
      ['a'],
      due,
      { do: 'stage', follows: 'a' },
    ],
    [
      'due, with both slots taken: waits',
      unconfirmed,
      key('a'),
      ['a', 'x'],
      due,
      { do: 'done', fingerprint: 'a' },
    ],
    [
      'staged to follow: looks past the cache what is mounted',
      key('b'),
      key('a'),
      ['a'],
      { follows: 'a' },
      { do: 'confirm', place: 'mounted' },
    ],
    [
      'still mounted: has it registered beside, whether or not it is due any more',
      key('b'),
      key('a'),
      ['a'],
      fresh,
      { do: 'offer', place: 'staged', fingerprint: 'b', beside: 'a' },
    ],
    [
      'the slot was taken meanwhile: waits',
      key('b'),
      key('a'),
      ['a', 'x'],
      fresh,
      { do: 'done', fingerprint: 'a' },
    ],
    ['another leader rotated meanwhile: unstages', key('b'), key('c'), ['a', 'c'], fresh, { do: 'unstage' }],
    ['accepted beside: mounts it', key('b'), key('a'), ['a', 'b'], fresh, { do: 'mount', fingerprint: 'b' }],
    [
      'a staged key that is named as compromised: unstages, accepted or not',
      key('b'),
      key('a'),
      ['a', 'b'],
      { ...fresh, compromised: ['b'] },
      { do: 'unstage' },
    ],
    [
      'a compromised one is mounted that the vault refuses already: stages another',
      unconfirmed,
      key('a'),
      [],
      { compromised: ['a'], due: true },
      { do: 'stage', follows: 'a' },
    ],
    [
      'beside such a one: is registered in its place',
      key('b'),
      key('a'),
      [],
      { ...fresh, compromised: ['a'], due: true },
      { do: 'offer', place: 'staged', fingerprint: 'b' },
    ],
  ];
  test.each(table)('%s', (_, staged, mounted, accepted, more, step) => {
    expect(nextKeyStep({ ...undisturbed, staged, mounted, accepted, ...more })).toEqual(step);
  });
});

const anyMove = fc.record({ leader: fc.constantFrom(0, 1), move: fc.constantFrom('act', 'act', ...MOVES) });

test('with two leaders, stale caches and a kill between any two actions, one key is registered and it is the mounted one', () => {
  fc.assert(
    fc.property(fc.array(anyMove, { maxLength: 60 }), (history) => {
      let model = newModel();
      for (const { leader, move } of history) {
        model = after(model, leader, move);
        expect(broken(model)).toBeUndefined();
      }
      for (let pass = 0; pass < 6; pass += 1) {
        model = after(model, 0, 'crash');
        for (let action = 0; action < 8; action += 1) model = after(model, 0, 'act');
        model = after(model, 0, 'register');
        expect(broken(model)).toBeUndefined();
      }
      expect(model.staged).toBeNull();
      expect(model.registered.map(({ fingerprint }) => fingerprint)).toEqual([model.mounted?.fingerprint]);
    }),
    { numRuns: 500 },
  );
});

test('no interleaving of two leaders breaks a rule: every state that they can reach is looked at', () => {
  expect(statesReached(newModel())).toBeGreaterThan(10_000);
});
