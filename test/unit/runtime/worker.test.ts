import { describe, expect, test } from 'vitest';
import {
  AuthError,
  ConflictError,
  type ControllerSpec,
  HeldError,
  RateLimitedError,
  TerminalError,
  TransientError,
  WaitingError,
} from '#runtime/runtime.ts';
import { Worker } from '#runtime/worker.ts';
import { FakeClock, settle } from '#test/fakes/kube-clock.ts';

interface Running {
  readonly worker: Worker;
  readonly clock: FakeClock;
  readonly stop: AbortController;
  /** `key@seconds` of each run so far. */
  readonly runs: string[];
  readonly results: string[];
  readonly ended: Promise<void>;
}

function running(reconcile: ControllerSpec['reconcile'], spec: Partial<ControllerSpec> = {}): Running {
  const clock = new FakeClock(0);
  const runs: string[] = [];
  const results: string[] = [];
  const stop = new AbortController();
  const worker = new Worker(
    {
      name: 'Thing',
      reconcile: (key, context) => {
        runs.push(`${key}@${clock.now() / 1000}`);
        return reconcile(key, context);
      },
      ...spec,
    },
    { clock, random: () => 1, onRun: ({ result }) => results.push(result) },
  );
  const ended = worker.run(stop.signal);
  return { worker, clock, stop, runs, results, ended };
}

const failing = (...errors: unknown[]) => {
  let turn = 0;
  return async () => {
    const error = errors[Math.min(turn, errors.length - 1)];
    turn += 1;
    if (error !== undefined) throw error;
  };
};

describe('what follows a run', () => {
  test.each([
    ['Terminal', new TerminalError('Wrong', 'm')],
    ['Waiting', new WaitingError('Missing', 'm')],
    ['Held', new HeldError('Rail', 'm')],
  ])('%s: nothing, until somebody adds the key again', async (name, error) => {
    const it = running(failing(error));
    it.worker.enqueue('a');
    await it.clock.advance(3_600_000);
    expect([it.runs, it.results, it.worker.pending]).toEqual([['a@0'], [name], 0]);
    it.worker.enqueue('a');
    await settle();
    expect(it.runs).toEqual(['a@0', 'a@3600']);
  });

  test('Held with a window: again when it opens', async () => {
    const it = running(failing(new HeldError('Rail', 'm', 90_000), undefined));
    it.worker.enqueue('a');
    await it.clock.advance(3_600_000);
    expect(it.runs).toEqual(['a@0', 'a@90']);
  });

  test('a failure counts once a back-off, however often news wakes the key meanwhile', async () => {
    let isDown = true;
    const it = running(async () => {
      if (isDown) throw new TransientError('Down', 'm');
    });
    it.worker.enqueue('a');
    for (let seconds = 0; seconds < 60; seconds += 0.5) {
      it.worker.enqueue('a');
      await it.clock.advance(500);
    }
    isDown = false;
    const failedAt = it.clock.now() / 1000;
    await it.clock.advance(64_000);
    // By 60 s a key that nobody woke is at its sixth failure (1 + 2 + 4 + 8 + 16 + 32 s), and so is this one.
    const alone = running(async () => {
      if (alone.clock.now() < 60_000) throw new TransientError('Down', 'm');
    });
    alone.worker.enqueue('a');
    await alone.clock.advance(124_000);
    expect(failedAt).toBe(60);
    expect(it.runs.filter((run) => Number(run.slice(2)) >= 60)).toEqual(
      alone.runs.filter((run) => Number(run.slice(2)) >= 60),
    );
    expect(alone.runs.at(-1)).toBe('a@63');
  });

  test('another failure than the one before counts, and has a back-off of its own', async () => {
    const it = running(failing(new AuthError('Missing', 'm'), new TransientError('Down', 'm'), undefined));
    it.worker.enqueue('a');
    await it.clock.advance(5_000);
    it.worker.enqueue('a');
    await it.clock.advance(10_000);
    expect(it.runs).toEqual(['a@0', 'a@5', 'a@7']);
  });

  test('Transient, and what nobody foresaw: 1 s, doubling up to 5 min, and from the start again after a success', async () => {
    const down = new TransientError('Down', 'm');
    const it = running(failing(down, new Error('bug'), down, down, undefined, down, undefined));
    it.worker.enqueue('a');
    await it.clock.advance(1_000_000);
    expect(it.runs).toEqual(['a@0', 'a@1', 'a@3', 'a@7', 'a@15']);
    expect(it.results).toEqual(['Transient', 'Bug', 'Transient', 'Transient', 'success']);
    it.worker.enqueue('a');
    await it.clock.advance(2_000);
    expect(it.runs.slice(5)).toEqual(['a@1000', 'a@1001']);
  });

  test('the back-off has a ceiling of 5 min', async () => {
    const it = running(failing(new TransientError('Down', 'm')));
    it.worker.enqueue('a');
    await it.clock.advance(2_000_000);
    const at = it.runs.map((run) => Number(run.split('@')[1]));
    expect(at.slice(-2).map((time, index, all) => (index === 0 ? 0 : time - (all[0] ?? 0)))).toEqual([
      0, 300,
    ]);
  });

  test('RateLimited: when the other side said, and not before', async () => {
    const it = running(failing(new RateLimitedError('Slow', 'm', 40_000), undefined));
    it.worker.enqueue('a');
    await it.clock.advance(39_999);
    expect(it.runs).toEqual(['a@0']);
    await it.clock.advance(20_000);
    expect(it.runs).toHaveLength(2);
  });

  test('Conflict: at once, once; then with back-off', async () => {
    const it = running(failing(new ConflictError('Moved', 'm')));
    it.worker.enqueue('a');
    await it.clock.advance(3_000);
    expect(it.runs).toEqual(['a@0', 'a@0', 'a@2']);
  });

  test('Auth: not within a minute, unless its credentials change', async () => {
    const it = running(failing(new AuthError('Denied', 'm')));
    it.worker.enqueue('a');
    await it.clock.advance(59_000);
    expect(it.runs).toEqual(['a@0']);
    it.worker.enqueue('a');
    await settle();
    expect(it.runs).toEqual(['a@0', 'a@59']);
  });

  test('a change brings a key forward that waits for its back-off', async () => {
    const it = running(failing(new TransientError('Down', 'm'), undefined));
    it.worker.enqueue('a');
    await it.clock.advance(500);
    it.worker.enqueue('a');
    await it.clock.advance(60_000);
    expect(it.runs).toEqual(['a@0', 'a@0.5']);
  });

  test('a reconcile that asks for another look gets it', async () => {
    let turn = 0;
    const it = running(async () => {
      turn += 1;
      return turn === 1 ? { againAfterMs: 30_000 } : undefined;
    });
    it.worker.enqueue('a');
    await it.clock.advance(60_000);
    expect([it.runs, it.results]).toEqual([
      ['a@0', 'a@30'],
      ['again', 'success'],
    ]);
  });
});

describe('running', () => {
  test('as many keys at once as allowed, and a key that changes while it runs once more after that', async () => {
    const open = new Map<string, () => void>();
    const it = running((key) => new Promise((resolve) => open.set(key, () => resolve())), { concurrency: 2 });
    for (const key of ['a', 'b', 'c']) it.worker.enqueue(key);
    it.worker.enqueue('a');
    expect(it.runs).toEqual(['a@0', 'b@0']);
    open.get('a')?.();
    await settle();
    expect(it.runs).toEqual(['a@0', 'b@0', 'c@0']);
    open.get('b')?.();
    await settle();
    expect(it.runs).toEqual(['a@0', 'b@0', 'c@0', 'a@0']);
  });

  test('stops taking keys with the signal, and ends when the run in flight has ended', async () => {
    let finish = () => {};
    const it = running(
      (_key, { signal }) =>
        new Promise((_resolve, reject) => {
          finish = () => reject(signal.reason);
        }),
      { concurrency: 1 },
    );
    it.worker.enqueue('a');
    it.worker.enqueue('b');
    it.stop.abort();
    let ended = false;
    void it.ended.then(() => {
      ended = true;
    });
    await settle();
    expect(ended).toBe(false);
    finish();
    await it.ended;
    // What ends because of the signal is no failure.
    expect([it.runs, it.results]).toEqual([['a@0'], ['Aborted']]);
  });
});
