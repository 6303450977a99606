import { describe, expect, it } from 'vitest';
import { missingProof } from '#vault/reconciliation/approver-proof.ts';

const OWNER = { isOwner: true };
const OTHER = { isOwner: false };
const SET = { hasAnotherFactor: true };
const NONE = { hasAnotherFactor: false };

describe('by what an approver has proven who they are (rail 2)', () => {
  it('is the password alone of the owner, where nothing else is set', () => {
    expect(missingProof({ ...OWNER, ...NONE, provenBy: 'Password' })).toBeNull();
  });

  it('is more than the password as soon as anything else is set, whoever it is', () => {
    for (const who of [OWNER, OTHER]) {
      expect(missingProof({ ...who, ...SET, provenBy: 'Password' })).toBe('proof');
      expect(missingProof({ ...who, ...SET, provenBy: 'SecondFactor' })).toBeNull();
      expect(missingProof({ ...who, ...SET, provenBy: 'Passkey' })).toBeNull();
    }
  });

  it('is nothing that another approver could show who has nothing else, also where it was taken away since', () => {
    for (const provenBy of ['Password', 'SecondFactor', 'Passkey'] as const) {
      expect(missingProof({ ...OTHER, ...NONE, provenBy })).toBe('factor');
    }
  });
});
