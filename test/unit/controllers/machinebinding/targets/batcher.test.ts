import { expect, test } from 'vitest';
import { SyncBatcher } from '#controllers/machinebinding/targets/batcher.ts';
import type { SyncClaim, SyncedMachine } from '#provider/provider.ts';
import { FakeClock } from '#test/fakes/kube-clock.ts';

const never = new AbortController().signal;
const claim = (machineId: string): SyncClaim => ({ machineId, secrets: ['sk_1'], sign: () => '' });
const answer = (machineId: string): SyncedMachine => ({ machineId, error: null, secrets: [], refused: [] });

function setUp(sync: (claims: readonly SyncClaim[]) => Promise<readonly SyncedMachine[]>) {
  const calls: string[][] = [];
  const clock = new FakeClock();
  const provider = {
    sync: (claims: readonly SyncClaim[]) => {
      calls.push(claims.map(({ machineId }) => machineId));
      return sync(claims);
    },
  };
  return { calls, clock, batcher: new SyncBatcher(provider, clock, () => never) };
}

const all = async (claims: readonly SyncClaim[]) => claims.map(({ machineId }) => answer(machineId));

test('claims that come together go in one call, at most 100 in each', async () => {
  const { calls, clock, batcher } = setUp(all);
  const answers = Promise.all(Array.from({ length: 250 }, (_, n) => batcher.sync(claim(`m${n}`))));
  await clock.advance(1_000);
  expect((await answers).map(({ machineId }) => machineId)).toEqual(
    Array.from({ length: 250 }, (_, n) => `m${n}`),
  );
  expect(calls.map(({ length }) => length)).toEqual([100, 100, 50]);
});

test('a machine that is asked for twice is asked for in two calls', async () => {
  const { calls, clock, batcher } = setUp(all);
  const answers = Promise.all([batcher.sync(claim('a')), batcher.sync(claim('a')), batcher.sync(claim('b'))]);
  await clock.advance(1_000);
  await answers;
  expect(calls).toEqual([['a', 'b'], ['a']]);
});

test('a failed call fails those that were in it, and the next one goes on', async () => {
  let failing = true;
  const { clock, batcher } = setUp(async (claims) => {
    if (failing) throw new Error('unreachable');
    return all(claims);
  });
  const failed = expect(batcher.sync(claim('a'))).rejects.toThrow('unreachable');
  await clock.advance(1_000);
  await failed;
  failing = false;
  const second = batcher.sync(claim('b'));
  await clock.advance(1_000);
  expect((await second).error).toBeNull();
});

test('a machine that the answer leaves out is unknown', async () => {
  const { clock, batcher } = setUp(async () => []);
  const left = batcher.sync(claim('a'));
  await clock.advance(1_000);
  expect(await left).toMatchObject({ machineId: 'a', error: 'Unknown' });
});
