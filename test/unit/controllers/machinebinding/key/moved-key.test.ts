import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { after, broken, MOVES, type Moving, movedModel, newModel } from './key-model.ts';
import { statesReached } from './states-reached.ts';

const anyMove = fc.record({ leader: fc.constantFrom(0, 1), move: fc.constantFrom('act', 'act', ...MOVES) });
const history = fc.array(anyMove, { maxLength: 40 });

describe.each<[string, Moving]>([
  ['another address of one vault', 'address'],
  ['another vault', 'vault'],
])('a move to %s', (_, moving) => {
  test('at any moment, with two leaders, stale caches and kills, ends with a new key in place of the old one, which never moves', () => {
    fc.assert(
      fc.property(history, history, (earlier, later) => {
        let model = newModel(moving);
        const go = (leader: number, move: Parameters<typeof after>[2]): void => {
          model = after(model, leader, move);
          expect(broken(model)).toBeUndefined();
        };
        for (const { leader, move } of earlier) go(leader, move);
        go(0, 'move');
        for (const { leader, move } of later) go(leader, move);
        for (let pass = 0; pass < 6; pass += 1) {
          go(0, 'crash');
          for (let action = 0; action < 8; action += 1) go(0, 'act');
          go(0, 'register');
        }
        expect(model.staged).toBeNull();
        expect(model.mounted).toMatchObject({ address: 1 });
      }),
      { numRuns: 500 },
    );
  });
});

test('no interleaving of two leaders after a move breaks a rule: every state that they can reach is looked at', () => {
  expect(statesReached(movedModel('address'))).toBeGreaterThan(10_000);
});
