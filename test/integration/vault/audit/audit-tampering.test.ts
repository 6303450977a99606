import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AuditRow,
  auditRows,
  headOf as headOfRows,
  putAudit,
  rewrittenFrom,
} from '#test/builders/rewritten-audit.ts';
import { ROOT_KEY, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { type AuditEntry, leadsTo } from '#vault/audit/chain.ts';
import { auditProof } from '#vault/audit/chain-proof.ts';
import { exportAudit } from '#vault/audit/export.ts';
import { ExportCheck, type ExportVerdict, type KeptHead } from '#vault/audit/export-check.ts';
import { SecretCipher } from '#vault/crypto/secret-cipher.ts';
import { examine } from '#vault/upkeep/verification.ts';

describe('somebody with the database, but without what is kept outside it (A3)', () => {
  let vault: TestVault;
  /** As the vault wrote them. */
  let written: readonly AuditRow[];
  beforeAll(async () => {
    vault = await startTestVault();
    await act(8);
    written = await rowsNow();
  });
  afterAll(() => vault[Symbol.asyncDispose]());

  const edit: TestVault['database']['edit'] = (...given) => vault.database.edit(...given);

  async function act(times: number): Promise<void> {
    for (let time = 0; time < times; time += 1) {
      const subject = { kind: 'Vault', key: vault.vaultId };
      await vault.context.act(vault.vaultId, vault.owner, ({ auditOnly }) =>
        auditOnly({ action: 'vault.thawed', subject, details: { time } }, 'none'),
      );
    }
  }

  const rowsNow = (): Promise<AuditRow[]> => auditRows(vault);
  const put = (rows: readonly AuditRow[]): Promise<void> => putAudit(vault, rows);
  const headOf = (rows: readonly AuditRow[]): KeptHead => headOfRows(vault, rows);

  async function exported(kept?: KeptHead): Promise<ExportVerdict> {
    const check = new ExportCheck(kept === undefined ? {} : { kept });
    let text = '';
    for await (const part of await exportAudit(vault.context, vault.vaultId)) text += part;
    for (const line of text.trimEnd().split('\n')) check.take(line);
    return check.verdict(text.endsWith('\n'));
  }

  /** What the operator asks, with the head of the Organization's status. */
  async function isAncestor({ sequence, hash }: KeptHead): Promise<boolean> {
    const { hashAtAfter, digests, head } = await auditProof(vault.context, vault.vaultId, sequence);
    return hashAtAfter === hash && leadsTo(hash, digests, head.hash);
  }

  const faults = async (): Promise<readonly string[]> =>
    (await examine(vault.context.reader, new SecretCipher(ROOT_KEY))).faults;

  const index = fc.nat(9);
  const TEXTS = ['id', 'action', 'entry', 'digest', 'hash'] as const;

  it('cannot change a byte of any column of an entry, or of the head: `vault verify` finds it', async () => {
    const edits = fc.record({
      index,
      column: fc.constantFrom(...TEXTS, 'at' as const, 'sequence' as const, 'audit_hash' as const),
      at: fc.nat(),
      // But NUL, which PostgreSQL stores in no text.
      character: fc
        .string({ minLength: 1, maxLength: 1, unit: 'binary-ascii' })
        .filter((one) => one !== '\0'),
      number: fc.integer({ min: 1, max: 1_000_000 }),
    });
    expect(await faults()).toEqual([]);
    await fc.assert(
      fc.asyncProperty(edits, async ({ index, column, at, character, number }) => {
        const row = written[index % written.length] as AuditRow;
        if (column === 'at' || column === 'sequence') {
          // Beyond the others, whose places are taken.
          await edit(
            `update audit_entries set ${column} = ? where id = ?`,
            row[column] + 100 + number,
            row.id,
          );
        } else {
          const text = column === 'audit_hash' ? headOf(written).hash : row[column];
          const place = at % text.length;
          const edited = `${text.slice(0, place)}${character}${text.slice(place + 1)}`;
          if (edited === text) return;
          if (column === 'audit_hash') await edit('update vaults set audit_hash = ?', edited);
          else await edit(`update audit_entries set ${column} = ? where sequence = ?`, edited, row.sequence);
        }
        expect(await faults()).not.toEqual([]);
        await put(written);
      }),
      { numRuns: 40 },
    );
    expect(await faults()).toEqual([]);
  });

  it('cannot rewrite an entry with all that follows it, unless it is newer than the head that was kept', async () => {
    const rewrites = fc.record({ index, kept: index, name: fc.string({ maxLength: 8 }) });
    await fc.assert(
      fc.asyncProperty(rewrites, async ({ index, kept, name }) => {
        const from = index % written.length;
        const entry = JSON.parse(written[from]?.entry ?? '') as AuditEntry;
        const rewritten = rewrittenFrom(written, from, {
          ...entry,
          actor: { ...entry.actor, name: `x${name}` },
        });
        const head = headOf(written.slice(0, kept + 1));
        await put(rewritten);
        // All of it fits together, and the vault signs it: only what is kept outside can tell.
        expect(await faults()).toEqual([]);
        expect((await exported()).intact).toBe(true);
        const isTold = kept >= from;
        expect(await exported(head)).toMatchObject(
          isTold ? { intact: false, reason: 'PastRewritten' } : { intact: true },
        );
        expect(await isAncestor(head)).toBe(!isTold);
        await put(written);
      }),
      { numRuns: 15 },
    );
  });

  it('cannot put an older copy of it in place, whether or not the vault went on from there', async () => {
    const rollBacks = fc.record({ left: index, kept: index, since: fc.nat(3) });
    await fc.assert(
      fc.asyncProperty(rollBacks, async ({ left, kept, since }) => {
        const head = headOf(written.slice(0, kept + 1));
        await put(written.slice(0, left));
        await act(since);
        expect(await faults()).toEqual([]);
        const isTold = kept >= left;
        const reason = head.sequence > left + since ? 'NewestMissing' : 'PastRewritten';
        expect(await exported(head)).toMatchObject(isTold ? { intact: false, reason } : { intact: true });
        expect(await isAncestor(head)).toBe(!isTold);
        await put(written);
      }),
      { numRuns: 15 },
    );
  });

  it('cannot sign what they made up: the key is wrapped by the root key, and bound to the vault', async () => {
    const [key] = await vault.context.reader.selectFrom('audit_keys').selectAll().execute();
    const edits = fc.record({
      column: fc.constantFrom('public_key' as const, 'wrapped_key' as const),
      at: fc.nat(),
      character: fc.constantFrom(...'ABab01+/'),
    });
    await fc.assert(
      fc.asyncProperty(edits, async ({ column, at, character }) => {
        const text = key?.[column] ?? '';
        const place = at % (text.length - 4);
        const edited = `${text.slice(0, place)}${character}${text.slice(place + 1)}`;
        if (edited === text) return;
        await edit(`update audit_keys set ${column} = ?`, edited);
        expect(await faults()).not.toEqual([]);
        await expect(exported()).rejects.toThrow();
        await edit(`update audit_keys set ${column} = ?`, text);
      }),
      { numRuns: 40 },
    );
    expect((await exported(headOf(written))).intact).toBe(true);
  });
});
