import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
// biome-ignore lint/correctness/noUnresolvedImports: built into Node 24, which biome does not know yet
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { couldFollow } from '#engine/anchor.ts';
import { SecretValue } from '#model/secret-value.ts';
import {
  access,
  MovedClock,
  OTHER_MANAGER,
  OWNER,
  ROOT_KEY,
  startTestVault,
  type TestVault,
} from '#test/builders/vault.ts';
import { RootKey } from '#vault/crypto/root-key.ts';
import { SecretCipher } from '#vault/crypto/secret-cipher.ts';
import { giveApproval } from '#vault/reconciliation/approvals.ts';
import { trashSecret } from '#vault/secrets/secret-deletion.ts';
import { setByPerson } from '#vault/secrets/secret-values.ts';
import { purge } from '#vault/secrets/trash.ts';
import { openForReading } from '#vault/store/store.ts';
import { backUp } from '#vault/upkeep/backup.ts';
import { type Restored, restore } from '#vault/upkeep/restore.ts';
import { examine, type Findings } from '#vault/upkeep/verification.ts';
import { member, owner, signIn } from '../world/people.ts';
import { attempt, STEP, withSecondFactor } from '../world/second-factor.ts';

const CIPHER = new SecretCipher(ROOT_KEY);

describe('backup, restore and verification of a vault (V6)', () => {
  let vault: TestVault;
  let database: string;
  let out: string;
  beforeEach(async () => {
    vault = await startTestVault();
    database = join(vault.folder, 'vault.db');
    out = join(vault.folder, 'vault.backup');
    await setValue('first');
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const setValue = (value: string): Promise<unknown> =>
    vault.context.act(vault.vaultId, vault.owner, (act) =>
      setByPerson(act, 'Main', 'token', new SecretValue(value)),
    );
  const invite = (name: string): Promise<string> =>
    vault.step({ kind: 'InviteMember', key: `${name}@acme.example`, before: null, after: access() });
  const verified = async (cipher: SecretCipher | null = CIPHER): Promise<Findings> => {
    const reader = await openForReading(database);
    return examine(reader, cipher).finally(() => reader.destroy());
  };
  const restored = (more: Partial<Parameters<typeof restore>[0]> = {}): Promise<Restored> =>
    restore({ from: out, database, cipher: CIPHER, force: true, now: Date.now(), ...more });
  function edit(sql: string, ...parameters: (string | number)[]): void {
    const connection = new DatabaseSync(database, { timeout: 5000 });
    connection.exec('pragma foreign_keys = off');
    connection.prepare(sql).run(...parameters);
    connection.close();
  }

  describe('a backup', () => {
    it('is one whole file with all that was committed, made while people write', async () => {
      await vault.fence();
      const writing = Array.from({ length: 20 }, (_, index) => invite(`p${index}`));
      const findings = await backUp(database, out);
      expect(new Set(await Promise.all(writing))).toEqual(new Set(['Done']));
      expect(findings.faults).toEqual([]);
      expect(readdirSync(vault.folder).filter((name) => name.startsWith('vault.backup'))).toEqual([
        'vault.backup',
      ]);
      const reader = await openForReading(out);
      const copied = await examine(reader, CIPHER).finally(() => reader.destroy());
      expect(copied).toEqual({ ...findings, keys: 2, values: 1 });
    });

    it('is not made of a database whose audit log is broken, and leaves no file', async () => {
      edit(`update audit_entries set action = 'forged' where sequence = 1`);
      const { faults } = await backUp(database, out);
      expect(faults).toEqual([`${vault.vaultId}: audit entry 1: EntryChanged`]);
      expect(readdirSync(vault.folder).filter((name) => name.startsWith('vault.backup'))).toEqual([]);
    });
  });

  it('is without what was purged: keys and values are overwritten in the file (V5)', async () => {
    const { sealed, wrapped_key } = await vault.context.reader
      .selectFrom('secret_versions')
      .selectAll()
      .executeTakeFirstOrThrow();
    const inFile = async (): Promise<boolean> => {
      // Closed, the file has all that was committed.
      await vault.restart();
      const bytes = readFileSync(database);
      return [sealed, wrapped_key].some((text) => bytes.includes(text));
    };
    expect(await inFile()).toBe(true);
    await vault.context.act(vault.vaultId, vault.owner, async (act) => {
      await trashSecret(act, 'Main', 'token');
      const { id } = await act.db.selectFrom('secrets').select('id').executeTakeFirstOrThrow();
      await purge(act, id, () => {});
    });
    expect(await inFile()).toBe(false);
  });

  describe('a restore', () => {
    it('gives nothing from its first answer that ended between backup and restore (M5)', async () => {
      const clock = new MovedClock();
      await using own = await startTestVault({ clock });
      const file = join(own.folder, 'vault.db');
      await member(own, 'alice@acme.example', { expiresAt: clock.now() + 1000 });
      await backUp(file, join(own.folder, 'vault.backup'));
      await own.server.stop();
      clock.advance(1000);
      const from = join(own.folder, 'vault.backup');
      await restore({ from, database: file, cipher: CIPHER, force: true, now: clock.now() });
      own.server = await own.replica();
      await expect(signIn(own, 'alice@acme.example')).rejects.toThrow('403 NotAMember');
      clock.advance(-1);
      await signIn(own, 'alice@acme.example');
    });

    it('takes no code of a second factor that may have been used since (RFC 6238 §5.2)', async () => {
      const { app } = await withSecondFactor(await owner(vault), Date.now());
      await backUp(database, out);
      await vault.server.stop();
      const now = Date.now();
      expect(await restored({ now })).toMatchObject({ done: true });
      await vault.restart();
      for (const at of [now - STEP, now, now + STEP]) {
        expect((await attempt(vault, OWNER, app.code(at))).body.code).toBe('WrongCode');
      }
    });

    it('brings back what was backed up under a new epoch, so that an operator only observes (V1, A3)', async () => {
      const { heads } = await backUp(database, out);
      const anchor = heads[0];
      if (anchor === undefined) throw new Error('no head');
      await vault.fence();
      await invite('lost');
      await vault.server.stop();
      const done = await restored();
      expect(done).toMatchObject({ done: true, findings: { faults: [] } });
      await vault.restart();
      const state = await vault.snapshot();
      expect(state.members.map(({ email }) => email)).toEqual(['owner@acme.example']);
      expect(state.epoch).not.toBe(anchor.epoch);
      const { sequence } = (await verified()).heads[0] ?? { sequence: 0 };
      expect(sequence).toBe(anchor.sequence + 1);
      expect(couldFollow(anchor, { epoch: state.epoch, sequence, hash: 'x' })).toBe(false);
      expect((await verified()).faults).toEqual([]);
    });

    it('ends sessions and leases: no fencing number is given out twice (rail 10)', async () => {
      await backUp(database, out);
      const before = await vault.fence();
      await vault.server.stop();
      await restored();
      await vault.restart();
      expect(await invite('x')).toBe('LeaseLost');
      expect((await vault.lease(OTHER_MANAGER, 'installation-2')).fencing).toBeGreaterThan(
        before.fencing + 1000,
      );
      expect(await vault.context.reader.selectFrom('sessions').selectAll().execute()).toEqual([]);
    });

    it('takes no token and no approval that may have been used since', async () => {
      const { context, vaultId, owner } = vault;
      await context.act(vaultId, owner, (act) => giveApproval(act, 'a'.repeat(64), 'meant'));
      await context.bookkeep(async (db) => {
        const made = { vault_id: vaultId, token_hash: 'h', created_by: 'owner', created_at: 0 };
        await db
          .insertInto('enrollment_tokens')
          .values({
            ...{ ...made, id: 'enr_1', name: 'ci', scope: '[]', expires_at: Number.MAX_SAFE_INTEGER },
            ...{ machine_life: 1, max_uses: 1, uses: 0, source: null, hostname_pattern: null },
            revoked_at: null,
          })
          .execute();
      });
      await backUp(database, out);
      await vault.server.stop();
      await restored();
      await vault.restart();
      const { reader } = vault.context;
      expect(await reader.selectFrom('approvals').selectAll().execute()).toEqual([]);
      const tokens = await reader.selectFrom('enrollment_tokens').select('revoked_at').execute();
      expect(tokens).toEqual([{ revoked_at: expect.any(Number) }]);
    });

    it('sends no mail a second time that waited in the backup, and says so', async () => {
      await invite('alice');
      await backUp(database, out);
      await vault.server.stop();
      await restored();
      await vault.restart();
      const mails = await vault.context.reader.selectFrom('mails').selectAll().execute();
      expect(mails.length).toBeGreaterThan(0);
      for (const mail of mails) {
        expect(mail).toMatchObject({
          next_attempt_at: null,
          sent_at: null,
          body: '',
          last_error: 'Restored',
        });
      }
    });

    it('refuses another root key and none, and changes nothing (V5)', async () => {
      await backUp(database, out);
      await vault.server.stop();
      const before = await verified();
      for (const other of [new RootKey(Buffer.alloc(32, 8)), null]) {
        const refused = await restored({ cipher: new SecretCipher(other) });
        expect(refused).toMatchObject({ done: false, reason: 'Unsound' });
        expect(await verified()).toEqual(before);
      }
      expect(
        readdirSync(vault.folder)
          .filter((name) => !/-(wal|shm)$/.test(name))
          .sort(),
      ).toEqual(['vault.backup', 'vault.db']);
      await vault.restart();
    });

    it('refuses a database that a server has open, also with force', async () => {
      await backUp(database, out);
      expect(await restored()).toEqual({ done: false, reason: 'InUse' });
    });

    it('refuses a database that is not empty unless forced, and then keeps it beside', async () => {
      await backUp(database, out);
      await invite('alice');
      await vault.server.stop();
      expect(await restored({ force: false })).toEqual({ done: false, reason: 'NotEmpty' });
      const done = await restored({ now: 5 });
      expect(done).toMatchObject({ done: true, kept: `${database}.replaced-5` });
      expect(existsSync(`${database}.replaced-5`)).toBe(true);
      await vault.restart();
    });

    it('takes the place of a file that is no database any more', async () => {
      await backUp(database, out);
      await vault.server.stop();
      writeFileSync(database, 'no database at all, whatever it was before');
      expect(await restored({ force: false })).toEqual({ done: false, reason: 'NotEmpty' });
      expect(await restored()).toMatchObject({ done: true });
      await vault.restart();
      expect((await verified()).faults).toEqual([]);
    });
  });

  describe('verification', () => {
    it('finds everything whole, with a server at work, and counts what it opened', async () => {
      await setValue('second');
      expect(await verified()).toMatchObject({ faults: [], keys: 2, values: 2 });
    });

    it('shows every edit of the audit log, of a wrapped key and of a value', async () => {
      const columns: readonly (readonly [table: string, column: string])[] = [
        ...['entry', 'digest', 'hash', 'id', 'action', 'at'].map((name) => ['audit_entries', name] as const),
        ['audit_keys', 'wrapped_key'],
        ['audit_keys', 'public_key'],
        ['projects', 'wrapped_key'],
        ['projects', 'root_key_id'],
        ['secret_versions', 'wrapped_key'],
        ['secret_versions', 'sealed'],
      ];
      const edits = fc.record({ where: fc.constantFrom(...columns), at: fc.nat(), row: fc.nat() });
      await fc.assert(
        fc.asyncProperty(edits, async ({ where: [table, column], at, row }) => {
          const connection = new DatabaseSync(database, { readOnly: true });
          const rows = connection.prepare(`select rowid, ${column} as cell from ${table}`).all();
          connection.close();
          const { rowid, cell } = rows[row % rows.length] as { rowid: number; cell: string | number };
          const text = String(cell);
          const place = at % text.replace(/=+$/, '').length;
          const other = text[place] === '1' ? '2' : '1';
          const changed = `${text.slice(0, place)}${other}${text.slice(place + 1)}`;
          const set = `update ${table} set ${column} = ? where rowid = ?`;
          edit(set, typeof cell === 'number' ? Number(changed) : changed, rowid);
          // The last character of base64 may have bits that mean nothing.
          const means = (value: string): string =>
            column === 'sealed' || column === 'wrapped_key'
              ? Buffer.from(value, 'base64').toString('hex')
              : value;
          expect((await verified()).faults.length > 0).toBe(means(changed) !== means(text));
          edit(set, cell, rowid);
        }),
        { numRuns: 100 },
      );
      expect((await verified()).faults).toEqual([]);
    });

    it('says that newest entries were deleted, and that a row refers to nothing', async () => {
      edit('delete from audit_entries where sequence = (select max(sequence) from audit_entries)');
      edit(`delete from secrets`);
      const { faults } = await verified();
      expect(faults).toEqual([
        expect.stringMatching(/^secret_versions: row \d+ refers to a row of secrets that is not there$/),
        expect.stringMatching(/^vault_\w+: the audit log ends at entry \d+, and its head is of entry \d+$/),
        expect.stringMatching(/^vault_\w+: its versions of secrets take 0 bytes, and it counts 5$/),
      ]);
    });

    it('says which keys another root key does not open, and that there is none (V5)', async () => {
      const other = await verified(new SecretCipher(new RootKey(Buffer.alloc(32, 8))));
      expect(other.faults).toEqual([
        expect.stringMatching(/^vault_\w+: the key of the audit log: The root key is not the one/),
        expect.stringMatching(/^proj_\w+: the key of the project: The root key is not the one/),
      ]);
      expect((await verified(new SecretCipher(null))).faults).toHaveLength(2);
    });
  });
});
