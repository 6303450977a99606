import { describe, expect, it } from 'vitest';
import { isOwnMachine, keyVerdict } from '#model/key-proof.ts';

describe('a key that automation adds to a machine (rail 2)', () => {
  it('gives nothing to anybody where a key of the machine vouches for it', () => {
    for (const own of [true, false])
      for (const left of [null, 0, 5]) expect(keyVerdict({ proven: true, own }, left)).toBe('Rotation');
  });

  it('is counted without a proof on a machine of its own, and a raise beyond the number', () => {
    const key = { proven: false, own: true };
    expect([null, 2, 1, 0].map((left) => keyVerdict(key, left))).toEqual([
      'Replacement',
      'Replacement',
      'Replacement',
      'Raise',
    ]);
  });

  it('is a raise on a machine that is not its own, whatever number is left', () => {
    expect([null, 2, 0].map((left) => keyVerdict({ proven: false, own: false }, left))).toEqual([
      'Raise',
      'Raise',
      'Raise',
    ]);
  });
});

describe('a machine', () => {
  it('is of the manager that has its record and brought a key of it', () => {
    const record = { manager: 'acme' };
    expect(isOwnMachine({}, record, 'acme')).toBe(true);
    expect(isOwnMachine({}, record, 'other')).toBe(false);
    expect(isOwnMachine({}, undefined, 'acme')).toBe(false);
    expect(isOwnMachine({ adopted: true }, record, 'acme')).toBe(false);
  });
});
