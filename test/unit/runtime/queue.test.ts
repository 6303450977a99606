import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WorkQueue } from '#runtime/queue.ts';
import { FakeClock } from '#test/fakes/kube-clock.ts';

type Step =
  | { do: 'add'; key: string; priority: 'high' | 'low'; afterMs: number }
  | { do: 'take' }
  | { do: 'done'; pick: number }
  | { do: 'pass'; ms: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('add' as const),
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      priority: fc.constantFrom('high' as const, 'low' as const),
      afterMs: fc.constantFrom(0, 0, 10, 50, 1_000),
    }),
    fc.record({ do: fc.constant('take' as const) }),
    fc.record({ do: fc.constant('done' as const), pick: fc.nat(3) }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 10, 60) }),
  ),
  { maxLength: 80 },
);

/** What the queue promises, said as simply as possible. */
class Model {
  waiting = new Map<string, { dueAt: number; high: boolean }>();
  running = new Set<string>();

  add(key: string, high: boolean, dueAt: number): void {
    const before = this.waiting.get(key);
    this.waiting.set(key, {
      dueAt: Math.min(dueAt, before?.dueAt ?? dueAt),
      high: high || before?.high === true,
    });
  }

  due(now: number): { key: string; high: boolean }[] {
    return [...this.waiting]
      .filter(([key, it]) => it.dueAt <= now && !this.running.has(key))
      .map(([key, it]) => ({ key, high: it.high }));
  }
}

describe('the work queue', () => {
  test('never gives a key out twice at once, loses none, and gives changes before resyncs', () => {
    fc.assert(
      fc.property(steps, (run) => {
        const clock = new FakeClock(0);
        const queue = new WorkQueue(clock);
        const model = new Model();
        const takeOne = () => {
          const due = model.due(clock.now());
          const taken = queue.take();
          if (taken === undefined) {
            expect(due).toEqual([]);
            return;
          }
          expect(due.map(({ key }) => key)).toContain(taken.key);
          const high = due.some((it) => it.high);
          expect(taken.priority).toBe(high ? 'high' : 'low');
          expect(model.running.has(taken.key)).toBe(false);
          model.waiting.delete(taken.key);
          model.running.add(taken.key);
        };
        const finish = (key: string) => {
          queue.done(key);
          model.running.delete(key);
        };
        for (const step of run) {
          if (step.do === 'add') {
            queue.add(step.key, { priority: step.priority, afterMs: step.afterMs });
            model.add(step.key, step.priority === 'high', clock.now() + step.afterMs);
          } else if (step.do === 'take') takeOne();
          else if (step.do === 'pass') clock.pass(step.ms);
          else {
            const key = [...model.running][step.pick];
            if (key !== undefined) finish(key);
          }
          expect(queue.size).toBe(new Set([...model.waiting.keys(), ...model.running]).size);
          const dues = [...model.waiting]
            .filter(([key]) => !model.running.has(key))
            .map(([, it]) => it.dueAt);
          const next = dues.length === 0 ? undefined : Math.min(...dues);
          expect(queue.nextDueAt()).toBe(next === undefined || next > clock.now() ? next : 0);
        }
        // Whatever was added and not taken is there in the end.
        for (const key of [...model.running]) finish(key);
        clock.pass(10_000);
        while (model.waiting.size > 0) {
          takeOne();
          for (const key of [...model.running]) finish(key);
        }
        expect(queue.take()).toBeUndefined();
        expect(queue.size).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  test('keeps the earliest of several delays', () => {
    const clock = new FakeClock(0);
    const queue = new WorkQueue(clock);
    queue.add('a', { afterMs: 100 });
    queue.add('a', { afterMs: 500 });
    queue.add('a', { afterMs: 50 });
    expect(queue.nextDueAt()).toBe(50);
    clock.pass(50);
    expect(queue.take()).toEqual({ key: 'a', priority: 'high', waitedMs: 0 });
    expect(queue.nextDueAt()).toBeUndefined();
  });

  test('gives out in the order of arrival, and says how late the oldest is', () => {
    const clock = new FakeClock(0);
    const queue = new WorkQueue(clock);
    for (const key of ['c', 'a', 'b', 'a']) queue.add(key);
    clock.pass(300);
    expect(queue.lateMs()).toBe(300);
    expect([queue.take()?.key, queue.take()?.key, queue.take()?.key]).toEqual(['c', 'a', 'b']);
    expect(queue.lateMs()).toBe(0);
  });

  test('10,000 keys with delays come out in the order of their times', () => {
    const clock = new FakeClock(0);
    const queue = new WorkQueue(clock);
    for (let index = 0; index < 10_000; index += 1)
      queue.add(`k${index}`, { afterMs: (index * 7_919) % 10_007 });
    let last = -1;
    for (let due = queue.nextDueAt(); due !== undefined; due = queue.nextDueAt()) {
      clock.pass(Math.max(0, due - clock.now()));
      const taken = queue.take();
      expect(taken?.waitedMs).toBe(0);
      expect(clock.now()).toBeGreaterThanOrEqual(last);
      last = clock.now();
      queue.done(taken?.key ?? '');
    }
    expect(queue.size).toBe(0);
  });
});
