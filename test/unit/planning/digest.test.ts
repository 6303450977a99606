import { describe, expect, it } from 'vitest';
import { desired } from '#test/builders/desired.ts';
import { NOW, organization } from '#test/builders/organization.ts';
import { planned } from '#test/builders/planned.ts';

const names = 'abcdef'.split('').map((letter) => `${letter}@acme.example`);
const everyone = () => names.reduce((state, email) => state.member(email), organization()).ours();
const kept = (emails: readonly string[]) => emails.reduce((some, email) => some.member(email), desired());

describe('the plan digest', () => {
  it('is the same for the same decision, tomorrow and at another revision', () => {
    const declared = () => kept(names.slice(3));
    const today = planned(declared(), everyone());
    const tomorrow = planned(
      declared(),
      everyone().with({ revision: 99, epoch: 'other' }),
      {},
      NOW + 86_400_000,
    );
    expect(today.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(tomorrow.digest).toBe(today.digest);
  });

  it('is another for another decision or another vault', () => {
    const one = planned(kept(names.slice(3)), everyone());
    const other = planned(kept(names.slice(4)), everyone());
    const elsewhere = planned(kept(names.slice(3)), everyone().with({ vaultId: 'vault_fedcba9876543210' }));
    expect(new Set([one.digest, other.digest, elsewhere.digest]).size).toBe(3);
  });
});
