import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import { chainOf, exportOf, keys, VAULT } from '#test/builders/audit-export.ts';
import { type ChainLink, genesis } from '#vault/audit/chain.ts';
import { type Expected, ExportCheck, type ExportVerdict } from '#vault/audit/export-check.ts';
import { isSigned, signHead } from '#vault/audit/signed-head.ts';

function judged(text: string, expected: Expected = {}): ExportVerdict {
  const check = new ExportCheck(expected);
  const lines = text.split('\n');
  const rest = lines.pop();
  for (const line of lines) check.take(line);
  return check.verdict(rest === '');
}

const chains = fc.array(fc.string(), { minLength: 1, maxLength: 8 }).map(chainOf);

describe('an export of the audit log (A3)', () => {
  it('verifies as it was written, also of a chain without an entry', () => {
    fc.assert(
      fc.property(chains, (links) => {
        expect(judged(exportOf(links))).toMatchObject({ intact: true, head: { sequence: links.length } });
      }),
    );
    expect(judged(exportOf([]))).toMatchObject({ intact: true, head: { sequence: 0 } });
  });

  it('shows every byte that is changed, put in or taken out, wherever it is', () => {
    const edits = fc.record({
      links: chains,
      at: fc.nat(),
      how: fc.constantFrom('change', 'insert', 'delete'),
      character: fc.string({ minLength: 1, maxLength: 1, unit: 'binary-ascii' }),
    });
    fc.assert(
      fc.property(edits, ({ links, at, how, character }) => {
        const text = exportOf(links);
        const place = at % text.length;
        const behind = text.slice(how === 'insert' ? place : place + 1);
        const edited = `${text.slice(0, place)}${how === 'delete' ? '' : character}${behind}`;
        expect(judged(edited).intact).toBe(edited === text);
      }),
      { numRuns: 2000 },
    );
  });

  it('shows entries left out, moved and cut off, and names the line', () => {
    const links = chainOf(['a', 'b', 'c']);
    const lines = exportOf(links).trimEnd().split('\n');
    const without = (index: number): string => `${lines.filter((_, at) => at !== index).join('\n')}\n`;
    expect(judged(without(2))).toEqual({ intact: false, line: 3, reason: 'SequenceBroken' });
    expect(judged(without(3))).toEqual({ intact: false, line: 4, reason: 'HeadBroken' });
    expect(judged(without(4))).toEqual({ intact: false, line: null, reason: 'Truncated' });
    expect(judged(without(0))).toEqual({ intact: false, line: 1, reason: 'NotAnExport' });
    expect(judged(`${exportOf(links)}${lines[1]}\n`)).toMatchObject({ line: 6, reason: 'TooLong' });
    expect(judged(exportOf(links).trimEnd())).toMatchObject({ reason: 'Truncated' });
  });

  it('shows the newest entries deleted, and a past that was rewritten, against a head kept outside', () => {
    fc.assert(
      fc.property(chains, fc.nat(), fc.boolean(), (links, random, rewrites) => {
        const kept = { sequence: links.length, hash: (links.at(-1) as ChainLink).hash };
        const left = random % links.length;
        // Whoever holds database and keys signs anew what is left, or a past of their own making.
        const forged = rewrites
          ? chainOf([...links.map(() => 'forged'), ...Array.from({ length: random % 3 }, () => 'more')])
          : links.slice(0, left);
        expect(judged(exportOf(forged)).intact).toBe(true);
        expect(judged(exportOf(forged), { kept })).toEqual({
          intact: false,
          line: null,
          reason: rewrites ? 'PastRewritten' : 'NewestMissing',
        });
      }),
    );
  });

  it('leads on from every head that was kept before', () => {
    fc.assert(
      fc.property(chains, fc.nat(), (links, random) => {
        const sequence = random % (links.length + 1);
        const hash = links[sequence - 1]?.hash ?? genesis(VAULT);
        expect(judged(exportOf(links), { kept: { sequence, hash } }).intact).toBe(true);
      }),
    );
  });

  it('is not taken when another key signed it than the one that was noted', () => {
    const links = chainOf(['a']);
    const publicKey = keys.publicKey.text;
    expect(judged(exportOf(links), { publicKey }).intact).toBe(true);
    expect(judged(exportOf(links, newKeyPair()), { publicKey })).toEqual({
      intact: false,
      line: 1,
      reason: 'OtherKey',
    });
  });

  it('has a head whose signature is of its key and of every field', () => {
    const head = signHead(keys, { vaultId: VAULT, epoch: 'e', sequence: 1, hash: 'ab'.repeat(32), at: 1 });
    expect(isSigned(head)).toBe(true);
    for (const changed of [
      { vaultId: 'other' },
      { epoch: 'f' },
      { sequence: 2 },
      { hash: 'cd'.repeat(32) },
      { at: 2 },
      { publicKey: newKeyPair().publicKey.text },
      { publicKey: 'none' },
      { signature: head.signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')) },
      { signature: `${head.signature}\n` },
    ]) {
      expect(isSigned({ ...head, ...changed })).toBe(false);
    }
  });
});
