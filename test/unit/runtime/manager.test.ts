import { describe, expect, test } from 'vitest';
import type { LeaderElector } from '#kube/kube.ts';
import { type Cache, createManager } from '#runtime/runtime.ts';
import { FakeClock, settle } from '#test/fakes/kube-clock.ts';

function fakeCache(log: string[]): Cache & { sync(): void } {
  let synced = false;
  const handlers: (() => void)[] = [];
  return {
    resource: 'things',
    lastContactAt: undefined,
    hasSynced: () => synced,
    onState: (handler) => handlers.push(handler),
    start: (signal) => {
      log.push('watch');
      signal.addEventListener('abort', () => log.push('unwatch'));
    },
    sync() {
      synced = true;
      for (const handler of handlers) handler();
    },
  };
}

function fakeElector(log: string[]): LeaderElector & { win(): void; lose(): void } {
  let win = () => {};
  const lost = new AbortController();
  return {
    identity: 'a',
    isLeader: false,
    acquire: () => {
      log.push('elect');
      return new Promise((resolve) => {
        win = () =>
          resolve({
            signal: lost.signal,
            transitions: 0,
            release: async () => {
              log.push('release');
            },
          });
      });
    },
    win: () => win(),
    lose: () => lost.abort(),
  };
}

function running() {
  const log: string[] = [];
  const clock = new FakeClock(0);
  const cache = fakeCache(log);
  const elector = fakeElector(log);
  const manager = createManager({ elector, clock });
  manager.addWatcher(cache);
  let finish = () => {};
  const controller = manager.addController({
    name: 'Thing',
    onStart: (enqueue) => enqueue('first'),
    reconcile: (key) => {
      log.push(`run ${key}`);
      return new Promise((resolve) => {
        finish = () => {
          log.push(`ran ${key}`);
          resolve();
        };
      });
    },
    concurrency: 1,
  });
  const stop = new AbortController();
  const result = manager.run(stop.signal);
  return { log, clock, cache, elector, manager, controller, stop, result, finish: () => finish() };
}

describe('the manager', () => {
  test('syncs the caches, then waits for the lease, then runs; a stop waits for the run in flight and frees the lease after it', async () => {
    const it = running();
    it.controller.enqueue('early');
    await settle();
    expect([it.log, it.manager.ready()]).toEqual([
      ['watch'],
      { ready: false, because: ['the cache of things is not synced'] },
    ]);
    it.cache.sync();
    await settle();
    // A replica that waits for the lease is ready: it can take over.
    expect([it.log, it.manager.ready(), it.manager.isLeader]).toEqual([
      ['watch', 'elect'],
      { ready: true },
      false,
    ]);
    it.elector.win();
    await settle();
    expect(it.log).toEqual(['watch', 'elect', 'run early']);
    it.stop.abort();
    await settle();
    expect(it.log).toHaveLength(3);
    it.finish();
    expect(await it.result).toBe('stopped');
    expect(it.log).toEqual(['watch', 'elect', 'run early', 'ran early', 'release', 'unwatch']);
  });

  test('a lease that is lost stops the controllers and says so', async () => {
    const it = running();
    it.cache.sync();
    await settle();
    it.elector.win();
    await settle();
    it.elector.lose();
    await settle();
    it.finish();
    expect(await it.result).toBe('lease-lost');
    expect(it.log.filter((line) => line.startsWith('run '))).toEqual(['run first']);
  });

  test('a run that hangs holds a stop up for 20 s and no longer', async () => {
    const it = running();
    it.cache.sync();
    await settle();
    it.elector.win();
    await settle();
    it.stop.abort();
    await it.clock.advance(20_000);
    expect(await it.result).toBe('stopped');
  });

  test('says whether a key is due that does not run yet, for what stands behind all work', async () => {
    const it = running();
    expect(it.manager.hasReady).toBe(false);
    it.controller.enqueue('early');
    expect(it.manager.hasReady).toBe(true);
    it.cache.sync();
    await settle();
    it.elector.win();
    await settle();
    expect([it.log.at(-1), it.controller.pending]).toEqual(['run early', 2]);
    // The other one waits for the one that runs.
    expect(it.manager.hasReady).toBe(true);
    it.finish();
    await settle();
    expect([it.log.at(-1), it.manager.hasReady]).toEqual(['run first', false]);
    it.stop.abort();
    it.finish();
    await it.result;
  });

  test('is not ready while a due key waits for longer than a minute', async () => {
    const it = running();
    it.cache.sync();
    await settle();
    it.elector.win();
    await settle();
    it.controller.enqueue('second');
    it.clock.pass(61_000);
    expect(it.manager.ready()).toEqual({ ready: false, because: ['a Thing has waited 61 s'] });
    it.stop.abort();
    it.finish();
    await it.result;
  });

  test('a stop before the caches are synced ends it', async () => {
    const it = running();
    it.stop.abort();
    expect(await it.result).toBe('stopped');
    expect(it.log).toEqual(['watch', 'unwatch']);
  });
});
