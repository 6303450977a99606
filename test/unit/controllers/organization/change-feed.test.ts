import { describe, expect, it } from 'vitest';
import { followChanges } from '#controllers/organization/change-feed.ts';
import { VaultLease } from '#engine/manager-lease.ts';
import { type Clock, pause } from '#kube/kube.ts';
import type { ChangesAnswer } from '#protocol/management.ts';
import { type Provider, ProviderError } from '#provider/provider.ts';
import { heldLease } from '#test/builders/lease.ts';

function answer(
  some: Partial<ChangesAnswer> = {},
  volatile: Partial<ChangesAnswer['volatile']> = {},
): ChangesAnswer {
  return {
    epoch: 'e1',
    revision: 5,
    secrets: [],
    ...some,
    volatile: {
      head: { epoch: 'e1', sequence: 1, hash: 'a'.repeat(64) },
      lease: null,
      freeze: null,
      managedBy: null,
      yieldRequested: false,
      secretRevision: 2,
      ...volatile,
    },
  };
}

/** Follows until the answers are used up; gives what was asked and what was told. */
async function follow(
  answers: readonly (ChangesAnswer | ProviderError)[],
  seen: Partial<ChangesAnswer['volatile']> = {},
) {
  const lease = new VaultLease('m', 'i', 'Operator');
  const { epoch, revision, volatile } = answer({}, seen);
  const ending = new AbortController();
  const left = [...answers];
  const asked: unknown[] = [];
  const told: string[] = [];
  const waits: number[] = [];
  let now = 0;
  const clock: Clock = {
    now: () => now,
    after: (ms, callback) => {
      waits.push(ms);
      now += ms;
      queueMicrotask(callback);
      return () => undefined;
    },
  };
  const provider = {
    changes: async (since: { revision: number; secretRevision: number }) => {
      const next = left.shift();
      if (left.length === 0) ending.abort();
      asked.push([since.revision, since.secretRevision]);
      if (next instanceof ProviderError) throw next;
      return next;
    },
  } as unknown as Provider;
  await followChanges(
    {
      provider,
      lease,
      from: { epoch, revision, secretRevision: volatile.secretRevision, volatile },
      clock,
      random: () => 1,
      rest: (ms, signal) => pause(clock, ms, signal),
      listener: {
        asked: () => undefined,
        heard: () => undefined,
        failed: () => undefined,
        moved: () => told.push('moved'),
        secretsMoved: (moved) => told.push(`secrets ${moved.map(({ id }) => id).join()}`),
        reachable: (is) => told.push(is ? 'reachable' : 'unreachable'),
      },
    },
    ending.signal,
  );
  return { asked, told, waits };
}

const unreachable = new ProviderError({ class: 'Transient', code: 'Unreachable', publicMessage: '' });

describe('the change feed', () => {
  it('tells nothing while nothing moves', async () => {
    expect((await follow([answer(), answer(), answer()])).told).toEqual([]);
  });

  it('goes on from what it was told, configuration and values apart', async () => {
    const { asked, told } = await follow([
      answer({ revision: 6 }),
      answer({ revision: 6, secrets: [{ id: 's1', version: 2 }] }, { secretRevision: 3 }),
      answer({ revision: 6 }, { secretRevision: 3 }),
    ]);
    expect(told).toEqual(['moved', 'secrets s1']);
    expect(asked).toEqual([
      [5, 2],
      [6, 2],
      [6, 3],
    ]);
  });

  it('tells of a new epoch, of a freeze, and of another process that waits for the lease (rails 10, 12)', async () => {
    expect((await follow([answer({ epoch: 'e2' }), answer({ epoch: 'e2' })])).told).toEqual(['moved']);
    const freeze = { by: 'owner', reason: 'incident', at: 1, all: false };
    expect((await follow([answer(), answer({}, { freeze }), answer({}, { freeze })])).told).toEqual([
      'moved',
    ]);
    expect((await follow([answer({}, { yieldRequested: true }), answer()])).told[0]).toBe('moved');
  });

  it('tells that a lease which another held is over, though nothing was told of it before (rail 10)', async () => {
    const held = heldLease();
    const ended = heldLease({ holdsFor: 0 });
    for (const after of [ended, null])
      expect(
        (await follow([answer({}, { lease: after }), answer({}, { lease: after })], { lease: held })).told,
      ).toEqual(['moved']);
    expect((await follow([answer({}, { lease: held }), answer()], { lease: ended })).told).toContain('moved');
  });

  it('tells once that the vault is gone and once that it is back, and asks ever more slowly meanwhile', async () => {
    const { told, waits } = await follow([unreachable, unreachable, unreachable, answer(), answer()]);
    expect(told).toEqual(['unreachable', 'reachable']);
    expect(waits.slice(0, 3)).toEqual([1_000, 2_000, 4_000]);
  });

  it('waits as long as the vault asks (429)', async () => {
    const limited = new ProviderError({
      class: 'RateLimited',
      code: 'RateLimited',
      publicMessage: '',
      retryAfter: 7_000,
    });
    expect((await follow([limited, answer()])).waits[0]).toBe(7_000);
  });
});
