import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Condition,
  type Readiness,
  sameConditions,
  setCondition,
  setReadiness,
} from '#runtime/runtime.ts';

const readiness = fc.constantFrom<Readiness>('ready', 'reconciling', 'stalled');
const why = fc.record({ reason: fc.constantFrom('A', 'B'), message: fc.constantFrom('one', 'two') });

describe('conditions by the rules of kstatus', () => {
  test('never Reconciling and Stalled at once, none of them False, Ready always there, generation on each that was set', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(readiness, why), { minLength: 1, maxLength: 8 }), (walk) => {
        let conditions: Condition[] = [];
        for (const [index, [state, its]] of walk.entries()) {
          conditions = setReadiness(conditions, state, its, { generation: index + 1, now: index * 60_000 });
          const types = conditions.map(({ type, status }) => `${type}=${status}`);
          expect(types).toEqual(
            {
              ready: ['Ready=True'],
              reconciling: ['Ready=False', 'Reconciling=True'],
              stalled: ['Ready=False', 'Stalled=True'],
            }[state],
          );
          expect(conditions.every((condition) => condition.observedGeneration === index + 1)).toBe(true);
        }
      }),
    );
  });

  test('saying the same again changes nothing, whenever it is said', () => {
    fc.assert(
      fc.property(readiness, why, fc.nat(1e9), (state, its, later) => {
        const once = setReadiness([], state, its, { generation: 1, now: 0 });
        expect(sameConditions(setReadiness(once, state, its, { generation: 1, now: later }), once)).toBe(
          true,
        );
      }),
    );
  });

  test('lastTransitionTime moves with the status and with nothing else', () => {
    const at = (now: string, generation: number) => ({ now: Date.parse(now), generation });
    const first = setCondition(
      [],
      { type: 'Ready', status: 'False', reason: 'A', message: 'a' },
      at('2026-01-01T00:00:00.500Z', 1),
    );
    const second = setCondition(
      first,
      { type: 'Ready', status: 'False', reason: 'B', message: 'b' },
      at('2026-01-02T00:00:00Z', 2),
    );
    const third = setCondition(
      second,
      { type: 'Ready', status: 'True', reason: 'C', message: 'c' },
      at('2026-01-03T00:00:00Z', 2),
    );
    expect([first, second, third].map(([ready]) => ready?.lastTransitionTime)).toEqual([
      '2026-01-01T00:00:00Z',
      '2026-01-01T00:00:00Z',
      '2026-01-03T00:00:00Z',
    ]);
  });
});
