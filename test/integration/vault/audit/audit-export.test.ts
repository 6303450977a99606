import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT_KEY, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { exportAudit } from '#vault/audit/export.ts';
import { type Expected, ExportCheck, type ExportVerdict } from '#vault/audit/export-check.ts';

describe('the audit log as the vault exports it (A3)', () => {
  let vault: TestVault;
  beforeEach(async () => {
    vault = await startTestVault();
    await addEntries(6);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  async function addEntries(count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      await vault.context.act(vault.vaultId, vault.owner, (act) =>
        act.auditOnly(
          { action: 'vault.thawed', subject: { kind: 'Vault', key: vault.vaultId }, details: { index } },
          'none',
        ),
      );
    }
  }

  async function judged(expected: Expected = {}): Promise<ExportVerdict> {
    const check = new ExportCheck(expected);
    let text = '';
    for await (const part of await exportAudit(vault.context, vault.vaultId)) text += part;
    for (const line of text.trimEnd().split('\n')) check.take(line);
    return check.verdict(text.endsWith('\n'));
  }

  const edit: TestVault['database']['edit'] = (...given) => vault.database.edit(...given);

  it('is whole, and its head is signed by the key that the vault made with the organization', async () => {
    const verdict = await judged();
    const [first] = await vault.context.reader
      .selectFrom('audit_entries')
      .select('entry')
      .orderBy('sequence')
      .execute();
    const { details } = JSON.parse(first?.entry ?? '{}') as { details: { auditKey: string } };
    expect(verdict).toMatchObject({ intact: true, head: { sequence: 8, publicKey: details.auditKey } });
  });

  it('goes on from page to page', async () => {
    await addEntries(1200);
    expect(await judged()).toMatchObject({ intact: true, head: { sequence: 1208 } });
  });

  it('shows whatever is edited in the entries of the database, and a head that was kept shows the rest', async () => {
    const before = await judged();
    if (!before.intact) throw new Error('not intact');
    const kept = before.head;
    const rows = await vault.context.reader
      .selectFrom('audit_entries')
      .selectAll()
      .orderBy('sequence')
      .execute();
    const edits = fc.record({
      column: fc.constantFrom('entry', 'hash'),
      row: fc.nat(rows.length - 1),
      at: fc.nat(),
      // But NUL, which PostgreSQL stores in no text.
      character: fc
        .string({ minLength: 1, maxLength: 1, unit: 'binary-ascii' })
        .filter((one) => one !== '\0'),
      what: fc.constantFrom('change', 'delete', 'delete-newest'),
    });
    await fc.assert(
      fc.asyncProperty(edits, async ({ column, row, at, character, what }) => {
        const chosen = rows[row];
        if (chosen === undefined) throw new Error('no row');
        const text = chosen[column as 'entry' | 'hash'];
        const place = at % text.length;
        const edited = `${text.slice(0, place)}${character}${text.slice(place + 1)}`;
        if (what === 'change') {
          await edit(`update audit_entries set ${column} = ? where sequence = ?`, edited, chosen.sequence);
        } else if (what === 'delete') {
          await edit('delete from audit_entries where sequence = ?', chosen.sequence);
        } else {
          // As an older copy of the file would be: entries and head go together.
          const hash = rows[row - 1]?.hash ?? '';
          await edit('delete from audit_entries where sequence >= ?', chosen.sequence);
          await edit('update vaults set audit_sequence = ?, audit_hash = ?', chosen.sequence - 1, hash);
        }
        const isSame = what === 'change' && edited === text;
        expect((await judged({ kept })).intact).toBe(isSame);
        if (what !== 'delete-newest') expect((await judged()).intact).toBe(isSame);
        await edit('delete from audit_entries');
        for (const { vault_id, sequence, id, at: when, action, entry, digest, hash } of rows) {
          await edit(
            'insert into audit_entries (vault_id, sequence, id, at, action, entry, digest, hash) values (?, ?, ?, ?, ?, ?, ?, ?)',
            ...[vault_id, sequence, id, when, action, entry, digest, hash],
          );
        }
        await edit('update vaults set audit_sequence = ?, audit_hash = ?', kept.sequence, kept.hash);
      }),
      { numRuns: 60 },
    );
    expect((await judged({ kept })).intact).toBe(true);
  });

  it('is refused while the vault is sealed rather than left unsigned (V5)', async () => {
    await vault.restart(null);
    await expect(exportAudit(vault.context, vault.vaultId)).rejects.toMatchObject({ code: 'Sealed' });
  });

  it('has a key also where the vault is from before there were such keys: made at the next start', async () => {
    await edit('delete from audit_keys');
    await vault.restart(null);
    await vault.restart(ROOT_KEY);
    const rows = await vault.context.reader.selectFrom('audit_keys').selectAll().execute();
    expect(rows.map(({ vault_id }) => vault_id)).toEqual([vault.vaultId]);
    expect(await judged({ publicKey: rows[0]?.public_key })).toMatchObject({
      intact: true,
      head: { sequence: 9 },
    });
    await vault.restart(ROOT_KEY);
    expect(await vault.context.reader.selectFrom('audit_keys').selectAll().execute()).toEqual(rows);
  });
});
