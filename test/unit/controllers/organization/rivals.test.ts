import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rivalsOf, VaultAddresses, type VaultClaim } from '#controllers/organization/rivals.ts';
import { object } from './pass.ts';

const ONE = 'vault_0000000000000001';
const TWO = 'vault_0000000000000002';

const claim = (key: string, vaultId: string | null, connectedTo: string | null = null): VaultClaim => ({
  key,
  vaultId,
  connectedTo,
});

describe('of two Organizations with one vault (rail 10)', () => {
  const first = claim('a/acme', ONE, ONE);
  const copy = claim('b/copy', ONE);

  it('the one goes on that was connected to it, and the other names it', () => {
    expect(rivalsOf(first, [first, copy])).toEqual([]);
    expect(rivalsOf(copy, [first, copy])).toEqual(['a/acme']);
  });

  it('none goes on where none was connected, or both were', () => {
    const fresh = claim('a/acme', ONE);
    expect(rivalsOf(fresh, [fresh, copy])).toEqual(['b/copy']);
    const both = claim('b/copy', ONE, ONE);
    expect(rivalsOf(first, [first, both])).toEqual(['b/copy']);
  });

  it('one that was connected to another vault before is a newcomer to this one', () => {
    const moved = claim('b/copy', ONE, TWO);
    expect(rivalsOf(moved, [first, moved])).toEqual(['a/acme']);
    expect(rivalsOf(first, [first, moved])).toEqual([]);
  });

  it('one whose vault is another, or not known, is no rival', () => {
    expect(rivalsOf(copy, [claim('a/acme', TWO, ONE), claim('c/late', null)])).toEqual([]);
  });

  it('never goes on beside another: at most one Organization of a vault does', () => {
    const id = fc.constantFrom(ONE, TWO, null);
    const claims = fc
      .array(fc.tuple(id, id), { maxLength: 6 })
      .map((pairs) =>
        pairs.map(([vaultId, connectedTo], index) => claim(`n/o${index}`, vaultId, connectedTo)),
      );
    fc.assert(
      fc.property(claims, (all) => {
        for (const vaultId of [ONE, TWO]) {
          const goOn = all.filter((one) => one.vaultId === vaultId && rivalsOf(one, all).length === 0);
          expect(goOn.length).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

describe('what an Organization claims', () => {
  const declaring = (vaultId?: string) =>
    object('Organization', 'acme', {
      vault: {
        seneschal: { credentialsSecretRef: { name: 'vault' }, ...(vaultId === undefined ? {} : { vaultId }) },
      },
    });

  it('is the vault of its credentials once they were read, whatever it declares, and what it declares before', () => {
    const addresses = new VaultAddresses();
    expect(addresses.claimOf(declaring()).vaultId).toBeNull();
    expect(addresses.claimOf(declaring(TWO)).vaultId).toBe(TWO);
    expect(addresses.set('acme/acme', { url: 'https://vault.test', vaultId: ONE })).toEqual([ONE]);
    expect(addresses.claimOf(declaring(TWO))).toEqual({ key: 'acme/acme', vaultId: ONE, connectedTo: null });
    expect(addresses.set('acme/acme', { url: 'https://other.test', vaultId: ONE }), 'a new name').toEqual([]);
    expect(addresses.set('acme/acme', { url: 'https://other.test', vaultId: TWO })).toEqual([ONE, TWO]);
    addresses.forget('acme/acme');
    expect(addresses.claimOf(declaring()).vaultId).toBeNull();
  });
});
