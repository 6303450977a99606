import { describe, expect, it } from 'vitest';
import { handoverOf, type ShownLease } from '#cli/person/handover.ts';
import type { LeaseState } from '#model/organization.ts';

const named = (installation: string) => ({ manager: 'acme/acme', installation });
const lease: LeaseState = {
  ...named('gone'),
  holder: 'Operator',
  ...{ fencing: 3, since: 1, expiresAt: 2, holdsFor: 0, isLent: false },
};
const shown: ShownLease = { lease, refused: { ...named('waits'), at: 5 } };

describe('handing the lease over (rail 10)', () => {
  it('goes from whose it was seen to be to the operator that was seen to be refused', () => {
    expect(handoverOf(shown, {})).toEqual({ from: named('gone'), to: named('waits') });
    expect(handoverOf({ ...shown, lease: null }, {}).from).toBeNull();
  });

  it('goes to whom the command names, whoever was refused', () => {
    expect(handoverOf(shown, named('other')).to).toEqual(named('other'));
    expect(handoverOf({ ...shown, refused: null }, { free: true }).to).toBe('Free');
  });

  it.each([
    {},
    { manager: 'acme/acme' },
    { installation: 'other' },
    { ...named('other'), free: true as const },
  ])('is of nobody that could be meant by %j, where nobody was refused', (options) => {
    expect(() => handoverOf({ ...shown, refused: null }, options)).toThrow(/--free|there is none to mean/);
  });
});
