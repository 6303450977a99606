import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkedFile, toldVerdict } from '#cli/audit/audit-file.ts';
import { chainOf, exportOf } from '#test/builders/audit-export.ts';

describe('a file with an export of the audit log (A3)', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'seneschal-audit-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const check = (bytes: Uint8Array) => {
    const file = join(folder, 'audit.ndjson');
    writeFileSync(file, bytes);
    return checkedFile(file, {});
  };

  it('shows every bit that is flipped, also one that makes it no UTF-8', async () => {
    const bytes = Buffer.from(exportOf(chainOf(['member.invited', '\uFFFD', 'project.created'])), 'utf8');
    expect((await check(bytes)).intact).toBe(true);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (at, bit) => {
        const edited = Buffer.from(bytes);
        edited[at] = (edited[at] ?? 0) ^ (1 << bit);
        expect((await check(edited)).intact).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('is no export where a byte that is no character stands for the replacement character', async () => {
    const text = exportOf(chainOf(['\uFFFD']));
    const at = Buffer.from(text, 'utf8').indexOf(Buffer.from('\uFFFD', 'utf8'));
    const bytes = Buffer.from(text, 'utf8');
    const edited = Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff]), bytes.subarray(at + 3)]);
    expect(await check(edited)).toEqual({ intact: false, line: 2, reason: 'NotAnExport' });
  });

  it('is read across the borders of what is read at once', async () => {
    const links = chainOf(Array.from({ length: 5000 }, (_, index) => `action-${index}`));
    expect(await check(Buffer.from(exportOf(links), 'utf8'))).toMatchObject({ head: { sequence: 5000 } });
  });

  it('is told with its line, or with its head', async () => {
    const [, head] = toldVerdict('f', await check(Buffer.from(exportOf(chainOf(['a']))))).split('\n');
    expect(head).toMatch(/^ {2}head 1:[0-9a-f]{64}, epoch first, signed 1970-/);
    expect(toldVerdict('f', { intact: false, line: 3, reason: 'HashBroken' })).toMatch(/^f:3: .*HashBroken/);
    expect(toldVerdict('f', { intact: false, line: null, reason: 'Truncated' })).toMatch(
      /^f: it ends before/,
    );
  });
});
