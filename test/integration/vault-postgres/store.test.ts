import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newDatabase, type TestDatabase } from '#test/builders/database.ts';
import { MIGRATIONS } from '#vault/store/migrations/in-order.ts';
import { openStore } from '#vault/store/store.ts';
import type { Store } from '#vault/store/store-interface.ts';

const folder = mkdtempSync(join(tmpdir(), 'seneschal-store-'));
let database: TestDatabase;
let store: Store;
beforeAll(async () => {
  database = await newDatabase(folder);
  store = await openStore(database.name, 0);
});
afterAll(async () => {
  await store.close();
  await database.drop();
  rmSync(folder, { recursive: true });
});

const numbers = async (): Promise<number[]> => {
  const rows = await store.reader.selectFrom('migrations').select('number').orderBy('number').execute();
  return rows.map(({ number }) => number);
};

describe('the store on PostgreSQL (V6)', () => {
  it('is migrated once by servers that start at once', async () => {
    const fresh = await newDatabase(folder);
    const stores = await Promise.all([0, 1, 2, 3].map((now) => openStore(fresh.name, now)));
    try {
      const rows = await stores[0]?.reader.selectFrom('migrations').select('number').execute();
      expect(rows?.map(({ number }) => number)).toEqual(MIGRATIONS.map(({ number }) => number));
    } finally {
      for (const one of stores) await one.close();
      await fresh.drop();
    }
  });

  it('refuses a database that is ahead of it', async () => {
    const ahead = { number: 1_000_000, name: 'later', applied_at: 0 };
    await store.transaction((db) => db.insertInto('migrations').values(ahead).execute());
    await expect(openStore(database.name, 0)).rejects.toThrow('at migration 1000000');
    await store.transaction((db) => db.deleteFrom('migrations').where('number', '=', 1_000_000).execute());
    expect(await numbers()).toEqual(MIGRATIONS.map(({ number }) => number));
  });

  it('orders texts by their bytes, whatever the locale of the database', async () => {
    const rows = await sql<{ sorted: boolean }>`select 'B' < 'a' as sorted`.execute(store.reader);
    expect(rows.rows).toEqual([{ sorted: false }]);
    const names = ['Zoe', 'anna', 'Émile', 'anna b', 'Bob'];
    await store.transaction(async (db) => {
      for (const name of names) {
        const account = {
          id: name,
          email: name,
          user_name: name,
          password_hash: '',
          credentials: 0,
          created_at: 0,
        };
        await db
          .insertInto('accounts')
          .values({ ...account, email_verified_at: null })
          .execute();
      }
    });
    const sorted = await store.reader.selectFrom('accounts').select('email').orderBy('email').execute();
    expect(sorted.map(({ email }) => email)).toEqual(['Bob', 'Zoe', 'anna', 'anna b', 'Émile']);
  });

  it('reads what one commit left, throughout a transaction of the reader, which writes nothing', async () => {
    await store.reader.transaction().execute(async (db) => {
      const count = () =>
        db
          .selectFrom('nonces')
          .select(({ fn }) => fn.countAll<number>().as('n'))
          .execute();
      const before = await count();
      const nonce = { subject: 's', nonce: 'during', expires_at: 0 };
      await store.transaction((other) => other.insertInto('nonces').values(nonce).execute());
      expect(await count()).toEqual(before);
    });
    const nonce = { subject: 's', nonce: 'n', expires_at: 0 };
    await expect(store.reader.insertInto('nonces').values(nonce).execute()).rejects.toThrow('read-only');
  });

  it('tries a transaction again that ran into another one', async () => {
    const row = (nonce: string) => ({ subject: 'deadlock', nonce, expires_at: 0 });
    await store.transaction((db) =>
      db
        .insertInto('nonces')
        .values([row('a'), row('b')])
        .execute(),
    );
    const { promise: bothHold, resolve } = Promise.withResolvers<void>();
    let holding = 0;
    let tries = 0;
    const crossed = (first: string, then: string) =>
      store.transaction(async (db) => {
        tries += 1;
        const touch = (nonce: string) =>
          db.updateTable('nonces').set({ expires_at: 1 }).where('nonce', '=', nonce).execute();
        await touch(first);
        holding += 1;
        if (holding === 2) resolve();
        await bothHold;
        await touch(then);
      });
    await Promise.all([crossed('a', 'b'), crossed('b', 'a')]);
    expect(tries).toBe(3);
  });

  it('gives up after six tries', async () => {
    let tries = 0;
    const failing = store.transaction(async (db) => {
      tries += 1;
      await sql`do $$ begin raise exception 'again' using errcode = '40001'; end $$`.execute(db);
    });
    await expect(failing).rejects.toBeInstanceOf(pg.DatabaseError);
    expect(tries).toBe(6);
  });

  it('rolls back what a work throws, and does not try it again', async () => {
    let tries = 0;
    const nonce = { subject: 'rolled', nonce: 'back', expires_at: 0 };
    const failing = store.transaction(async (db) => {
      tries += 1;
      await db.insertInto('nonces').values(nonce).execute();
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    const rows = await store.reader
      .selectFrom('nonces')
      .select('nonce')
      .where('subject', '=', 'rolled')
      .execute();
    expect([tries, rows]).toEqual([1, []]);
  });

  it('opens no database that is not there, and says no password', async () => {
    const url = new URL(database.name);
    url.password = 'planted';
    const refused = await openStore(url.href, 0).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(pg.DatabaseError);
    expect((refused as Error).stack).not.toContain('planted');
  });
});
