import { describe, expect, it } from 'vitest';
import { Lockout } from '#vault/act/lockout.ts';
import { PollFloor } from '#vault/machine-api/poll-floor.ts';
import { Nonces } from '#vault/machine-api/recent-nonces.ts';

const MINUTE = 60_000;

describe('lock-out (V7)', () => {
  const failing = (lockout: Lockout, times: number, from = 0): void => {
    for (let i = 0; i < times; i++) lockout.failed('m', '10.0.0.1', from + i);
  };

  it('locks the tenth failure of a minute, that pair alone, for a minute', () => {
    const lockout = new Lockout();
    failing(lockout, 9);
    expect(lockout.isLocked('m', '10.0.0.1', 9)).toBe(false);
    failing(lockout, 1, 9);
    expect(lockout.isLocked('m', '10.0.0.1', 10)).toBe(true);
    expect(lockout.isLocked('m', '10.0.0.2', 10)).toBe(false);
    expect(lockout.isLocked('n', '10.0.0.1', 10)).toBe(false);
    expect(lockout.isLocked('m', '10.0.0.1', 9 + MINUTE)).toBe(false);
  });

  it('forgets failures that lie a minute apart, and those before a success', () => {
    const lockout = new Lockout();
    for (let i = 0; i < 30; i++) lockout.failed('m', '10.0.0.1', i * MINUTE);
    expect(lockout.isLocked('m', '10.0.0.1', 30 * MINUTE)).toBe(false);
    failing(lockout, 9, 40 * MINUTE);
    lockout.succeeded('m', '10.0.0.1');
    failing(lockout, 9, 40 * MINUTE + 10);
    expect(lockout.isLocked('m', '10.0.0.1', 40 * MINUTE + 20)).toBe(false);
  });

  it('remembers a bounded number of pairs', () => {
    const lockout = new Lockout({ failures: 1, window: MINUTE, lock: MINUTE, remembered: 2 });
    for (const machine of ['a', 'b', 'c']) lockout.failed(machine, 's', 0);
    expect(['a', 'b', 'c'].map((machine) => lockout.isLocked(machine, 's', 1))).toEqual([false, true, true]);
  });
});

describe('nonces', () => {
  it('are left to the store once it keeps them, and are remembered where it does not', () => {
    const nonces = new Nonces();
    for (const nonce of ['kept', 'refused']) nonces.use('m', nonce, 0);
    nonces.stored('m', 'kept');
    expect([nonces.use('m', 'kept', 1), nonces.use('m', 'refused', 1)]).toEqual([true, false]);
  });

  it('pass once a machine', () => {
    const nonces = new Nonces();
    expect([nonces.use('m', 'n', 0), nonces.use('m', 'n', 1), nonces.use('k', 'n', 1)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('are remembered for at least as long as any timestamp passes', () => {
    const nonces = new Nonces();
    nonces.use('other', 'first', 0);
    expect(nonces.use('m', 'n', 9 * MINUTE)).toBe(true);
    for (let minute = 10; minute <= 19; minute++) expect(nonces.use('m', 'n', minute * MINUTE)).toBe(false);
  });

  it('are forgotten in the end', () => {
    const nonces = new Nonces();
    nonces.use('m', 'n', 0);
    expect(nonces.use('m', 'n', 60 * MINUTE)).toBe(true);
  });
});

describe('the floor of polls', () => {
  it('admits one in ten seconds per machine and source, less the jitter of a timer', () => {
    const floor = new PollFloor();
    expect(floor.admits('m', '10.0.0.1', 0)).toBe(true);
    expect(floor.admits('m', '10.0.0.1', 5_000)).toBe(false);
    expect(floor.admits('m', '10.0.0.2', 5_000)).toBe(true);
    expect(floor.admits('m', '10.0.0.1', 9_900)).toBe(true);
  });

  it('does not count the polls that it refused', () => {
    const floor = new PollFloor();
    expect([0, 4_000, 8_000, 10_000].map((now) => floor.admits('m', 's', now))).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });
});
