import { expect, test } from 'vitest';
import { KeyUses } from '#controllers/machinebinding/key/key-uses.ts';
import type { KeyUse } from '#model/key-ends.ts';

/** A clock that runs what waits as soon as it is asked to. */
function world(answers: (fingerprints: readonly string[]) => ReadonlyMap<string, KeyUse>) {
  const asked: (readonly string[])[] = [];
  const waiting: (() => void)[] = [];
  const clock = {
    time: 0,
    now: () => clock.time,
    after: (_: number, callback: () => void) => {
      waiting.push(callback);
      return () => undefined;
    },
  };
  const vault = {
    keyUse: async (fingerprints: readonly string[]) => {
      asked.push(fingerprints);
      return answers(fingerprints);
    },
  };
  const signal = new AbortController().signal;
  const uses = new KeyUses(clock, () => signal);
  const ask = (...fingerprints: string[]) => uses.of(vault, fingerprints, signal);
  const pass = () => {
    for (const callback of waiting.splice(0)) callback();
  };
  return { asked, clock, ask, pass };
}

const usedAt = (at: number): KeyUse => ({ lastUsedAt: at, lastUsedFrom: null });

test('what many bindings ask in one moment is one request, and an answer counts for a minute', async () => {
  const { asked, clock, ask, pass } = world((all) => new Map(all.map((one) => [one, usedAt(7)])));
  const both = Promise.all([ask('a'), ask('b', 'a')]);
  pass();
  const [first, second] = await both;
  expect(first.get('a')).toEqual(usedAt(7));
  expect([...second.keys()]).toEqual(['b', 'a']);
  expect(asked).toEqual([['a', 'b']]);
  await ask('a', 'b');
  expect(asked).toHaveLength(1);
  clock.time = 60_000;
  const later = ask('a');
  pass();
  await later;
  expect(asked).toHaveLength(2);
});

test('where the vault does not answer no use is known, and it is asked again', async () => {
  let fails = true;
  const { asked, ask, pass } = world((all) => {
    if (fails) throw new Error('away');
    return new Map(all.map((one) => [one, usedAt(1)]));
  });
  const first = ask('a');
  pass();
  expect((await first).size).toBe(0);
  fails = false;
  const second = ask('a');
  pass();
  expect((await second).get('a')).toEqual(usedAt(1));
  expect(asked).toHaveLength(2);
});
