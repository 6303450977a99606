import { describe, expect, it } from 'vitest';
import { Lockout } from '#vault/act/lockout.ts';
import { PollRates } from '#vault/machine-api/poll-rates.ts';
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

describe('the rate of polls (V7)', () => {
  const admitted = (rates: PollRates, source: (n: number) => string, polls: number, isRegular = false) =>
    Array.from({ length: polls }, (_, n) => rates.take('m', source(n), isRegular, 0)).filter(
      (seconds) => seconds === null,
    ).length;

  it('admits sixty-four at once from one address, and one every ten seconds for each of them', () => {
    const rates = new PollRates();
    expect(admitted(rates, () => '10.0.0.1', 100)).toBe(64);
    const later = Array.from({ length: 100 }, () => rates.take('m', '10.0.0.1', false, 10_000));
    expect(later.filter((seconds) => seconds === null)).toHaveLength(64);
    expect(later.at(-1)).toBe(1);
  });

  it('admits sixty-four at once of a machine from whatever addresses, and another machine beside it', () => {
    const rates = new PollRates();
    expect(admitted(rates, (n) => `10.0.0.${n}`, 100)).toBe(64);
    expect(rates.take('n', '10.0.0.1', false, 0)).toBeNull();
  });

  it('leaves an address that polls again and again its place, whoever else comes', () => {
    const rates = new PollRates();
    admitted(rates, (n) => `10.0.0.${n}`, 100);
    expect(rates.take('m', '10.1.0.1', true, 0)).toBeNull();
    expect(rates.take('m', '10.1.0.2', false, 0)).toBe(1);
  });
});
