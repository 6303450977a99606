import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SecretValue } from '#model/secret-value.ts';
import type { Problem } from '#protocol/management.ts';
import { newDatabase } from '#test/builders/database.ts';
import { setValues } from '#test/builders/machine.ts';
import { ROOT_KEY, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { SecretCipher } from '#vault/crypto/secret-cipher.ts';
import { purge } from '#vault/secrets/trash.ts';
import { MIGRATIONS } from '#vault/store/migrations/in-order.ts';
import { openStore } from '#vault/store/store.ts';
import { examine } from '#vault/upkeep/verification.ts';
import { member, owner, type Person } from '../world/people.ts';

const MIB = 1024 * 1024;
/** What one value may be, in characters and, of these, in bytes. */
const LARGEST = 'x'.repeat(256 * 1024);

describe('the bytes that a vault stores in versions of secrets (P3)', () => {
  let vault: TestVault;
  let boss: Person;
  beforeEach(async () => {
    vault = await startTestVault({ plan: 'Free' });
    boss = await owner(vault);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;
  const set = (name: string, value: string) =>
    boss.ask<Problem>('PUT', at(`/projects/Main/secrets/${name}`), { value });
  const storage = async () => (await boss.ask<{ used: number }>('GET', at('/storage'))).body;

  it('are counted in UTF-8 with each version, and shown with the cap', async () => {
    await set('a', 'ü');
    await set('a', 'uu');
    await set('b', '');
    expect(await storage()).toEqual({
      plan: 'Free',
      used: 4,
      cap: 10 * MIB,
      inTrash: 0,
      versions: 3,
      billingUrl: '',
    });
  });

  it('are refused over the cap with used, cap and the next step, whoever brings them', async () => {
    for (let version = 1; version < 40; version += 1) await set('a', LARGEST);
    await set('a', 'older');
    expect(await set('a', LARGEST)).toMatchObject({
      status: 409,
      body: {
        code: 'QuotaReached',
        detail: expect.stringContaining(
          `${10 * MIB} bytes of secret versions: ${39 * LARGEST.length + 5} are stored, ${LARGEST.length} more`,
        ),
        next: expect.stringContaining('larger plan'),
      },
    });
    const before = await storage();
    const rollback = await boss.ask<Problem>('POST', at('/projects/Main/secrets/a/rollback'), { version: 1 });
    expect(rollback).toMatchObject({ status: 409, body: { code: 'QuotaReached' } });
    await set('fill', 'y'.repeat(LARGEST.length - 5));
    const generator = { length: 32, charset: 'Hex' } as const;
    const step = { kind: 'CreateSecret', key: 'Main/made', before: null, after: { generator } } as const;
    expect(await vault.step(step)).toBe('QuotaReached');
    expect(await storage()).toMatchObject({ used: 10 * MIB, versions: 41 });
    expect(before).toMatchObject({ versions: 40 });
    await boss.ask('DELETE', at('/projects/Main/secrets/fill?confirm=fill'));
    expect(await vault.step(step)).toBe('QuotaReached');
    const { items } = (await boss.ask<{ items: { id: string }[] }>('GET', at('/trash'))).body;
    await vault.context.act(vault.vaultId, vault.owner, (act) => purge(act, items[0]?.id ?? '', () => {}));
    expect(await vault.step(step)).toBe('Done');
  });

  it('are the owner\u2019s to see', async () => {
    const alice = await member(vault, 'alice@acme.example', { role: 'Admin' });
    expect((await alice.ask('GET', at('/storage'))).status).toBe(403);
  });

  it('are counted once each where many are set at once', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `Main/s${index}`);
    await Promise.all(names.map((name) => setValues(vault, { [name]: 'abc' })));
    expect(await storage()).toMatchObject({ used: 60 });
  });

  it('are verified against what is stored', async () => {
    await set('a', 'abc');
    const faults = async () => (await examine(vault.context.reader, null)).faults;
    expect(await faults()).toEqual([]);
    await vault.database.edit('update vaults set stored_bytes = 2');
    expect(await faults()).toEqual([
      `${vault.vaultId}: its versions of secrets take 3 bytes, and it counts 2`,
    ]);
  });
});

describe('a database from before versions had a size', () => {
  it('is given sizes, shapes and its count by the migration', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'seneschal-migration-'));
    const database = await newDatabase(folder);
    const { edit } = database;
    await edit(
      'create table migrations (number integer primary key, name text not null, applied_at bigint not null)',
    );
    for (const { number, name, statements } of MIGRATIONS) {
      if (name === 'the life of secrets') break;
      for (const statement of statements) await edit(statement);
      await edit('insert into migrations values (?, ?, 0)', number, name);
    }
    await edit(`insert into vaults (id, epoch, revision, secret_revision, display_name, plan, audit_sequence,
      audit_hash, created_at) values ('v', 'e', 1, 1, 'Acme', 'Free', 0, '', 0)`);
    await edit(`insert into projects (id, vault_id, name, description, created_at)
      values ('p', 'v', 'Main', '', 0)`);
    const cipher = new SecretCipher(ROOT_KEY);
    const key = cipher.newProjectKey('p');
    const values = ['', 'a', 'ab', 'abc', 'abcd', 'äöü'];
    await edit(
      `insert into secrets values ('s', 'v', 'p', 'token', ?, '["user"]', 1, 0, null)`,
      values.length,
    );
    await edit(`insert into secrets values ('t', 'v', 'p', 'gone', 1, null, 1, 0, 5)`);
    for (const [index, value] of values.entries()) {
      const { wrapped_key, sealed } = cipher.encrypt('p', key, 's', new SecretValue(value));
      await edit('insert into secret_versions values (?, ?, ?, ?, 0)', 's', index + 1, wrapped_key, sealed);
    }
    const store = await openStore(database.name, 0);
    try {
      const rows = await store.reader.selectFrom('secret_versions').selectAll().orderBy('version').execute();
      expect(rows.map(({ bytes }) => bytes)).toEqual([0, 1, 2, 3, 4, 6]);
      expect(rows[0]).toMatchObject({ field_names: '["user"]', origin: 'Set', created_by: null });
      const vault = await store.reader.selectFrom('vaults').select('stored_bytes').executeTakeFirst();
      expect(vault?.stored_bytes).toBe(16);
      const secrets = await store.reader.selectFrom('secrets').selectAll().orderBy('id').execute();
      expect(secrets.map((secret) => secret.deleted_with_project)).toEqual([0, 1]);
    } finally {
      await store.close();
      await database.drop();
      rmSync(folder, { recursive: true });
    }
  });
});
