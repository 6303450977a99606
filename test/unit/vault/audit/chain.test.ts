import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, sha256 } from '#model/digest.ts';
import {
  type AuditEntry,
  type ChainLink,
  chained,
  genesis,
  leadsTo,
  link,
  verifyChain,
} from '#vault/audit/chain.ts';

const VAULT = 'vault_0123456789abcdef';

function chainOf(actions: readonly string[]): ChainLink[] {
  let hash = genesis(VAULT);
  return actions.map((action, index) => {
    const appended = link(hash, entry(index + 1, action));
    hash = appended.hash;
    return appended;
  });
}

function entry(sequence: number, action: string): AuditEntry {
  return {
    id: `aud_${sequence}`,
    vaultId: VAULT,
    epoch: 'first',
    sequence,
    at: 1000 + sequence,
    actor: { type: 'system', id: null, name: 'system' },
    action,
    subject: { kind: 'Organization', key: VAULT },
    details: {},
    provenance: {},
  };
}

/** The entry changed and everything after it calculated anew, as one who holds the database could. */
function rewritten(links: readonly ChainLink[], at: number): ChainLink[] {
  let hash = at === 0 ? genesis(VAULT) : (links[at - 1] as ChainLink).hash;
  return links.map((one, index) => {
    if (index < at) return one;
    const value = JSON.parse(one.entry) as AuditEntry;
    const appended = link(hash, index === at ? { ...value, action: 'forged' } : value);
    hash = appended.hash;
    return appended;
  });
}

const actions = fc.array(fc.string(), { minLength: 2, maxLength: 12 });
const chainAndPlace = actions.chain((list) =>
  fc.record({ links: fc.constant(chainOf(list)), at: fc.nat(list.length - 1) }),
);

describe('the audit chain (A3)', () => {
  it('verifies as it was written, from the start and from any head that is known', () => {
    fc.assert(
      fc.property(chainAndPlace, ({ links, at }) => {
        const head = links.at(-1) as ChainLink;
        expect(verifyChain(VAULT, links)).toEqual({ intact: true, hash: head.hash, sequence: links.length });
        const from = { sequence: at + 1, hash: (links[at] as ChainLink).hash };
        expect(verifyChain(VAULT, links.slice(at + 1), from)).toMatchObject({
          intact: true,
          hash: head.hash,
        });
      }),
    );
  });

  it('hash(n) = sha256(hash(n-1) + digest(n)), digest = sha256 of the canonical JSON', () => {
    const [first, second] = chainOf(['a', 'b']) as [ChainLink, ChainLink];
    expect(first.digest).toBe(sha256(canonicalJson(entry(1, 'a'))));
    expect(second.hash).toBe(sha256(first.hash + second.digest));
  });

  it('names the first entry that was changed', () => {
    fc.assert(
      fc.property(chainAndPlace, ({ links, at }) => {
        const tampered = links.map((one, index) =>
          index === at ? { ...one, entry: one.entry.replace('"action":"', '"action":"x') } : one,
        );
        expect(verifyChain(VAULT, tampered)).toEqual({
          intact: false,
          sequence: at + 1,
          reason: 'EntryChanged',
        });
      }),
    );
  });

  it('shows an entry left out, and two that changed places', () => {
    fc.assert(
      fc.property(chainAndPlace, ({ links, at }) => {
        const without = links.filter((_, index) => index !== at);
        const isLast = at === links.length - 1;
        expect(verifyChain(VAULT, without).intact).toBe(isLast);
        const swapped = [...links];
        const other = (at + 1) % links.length;
        [swapped[at], swapped[other]] = [swapped[other] as ChainLink, swapped[at] as ChainLink];
        expect(verifyChain(VAULT, swapped).intact).toBe(false);
      }),
    );
  });

  it('shows an entry of another vault', () => {
    const foreign = { ...entry(1, 'a'), vaultId: 'vault_ffffffffffffffff' };
    expect(verifyChain(VAULT, [link(genesis(VAULT), foreign)])).toMatchObject({ reason: 'OtherVault' });
  });

  it('calculated anew by one who holds the database, shows against a head kept elsewhere', () => {
    fc.assert(
      fc.property(chainAndPlace, ({ links, at }) => {
        const forged = rewritten(links, at);
        const verdict = verifyChain(VAULT, forged);
        expect(verdict.intact).toBe(true);
        const kept = (links.at(-1) as ChainLink).hash;
        expect(verdict.intact && verdict.hash === kept).toBe(
          JSON.parse((links[at] as ChainLink).entry).action === 'forged',
        );
      }),
    );
  });

  it('a proof leads from an old head to the new one by digests alone, and a forged one does not', () => {
    fc.assert(
      fc.property(chainAndPlace, ({ links, at }) => {
        const from = (links[at] as ChainLink).hash;
        const head = (links.at(-1) as ChainLink).hash;
        const digests = links.slice(at + 1).map(({ digest }) => digest);
        expect(leadsTo(from, digests, head)).toBe(true);
        expect(leadsTo(sha256(from), digests, head)).toBe(false);
        expect(leadsTo(from, [...digests, sha256('more')], head)).toBe(false);
      }),
    );
    expect(chained('a', 'b')).toBe(sha256('ab'));
  });
});
