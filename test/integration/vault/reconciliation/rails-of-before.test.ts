import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DEFAULT_BUDGETS } from '#model/loss.ts';
import { newDatabase } from '#test/builders/database.ts';
import { RAILS } from '#test/builders/desired.ts';
import { appliedSettings } from '#vault/managed/applied-settings.ts';
import { MIGRATIONS } from '#vault/store/migrations/in-order.ts';
import { openStore } from '#vault/store/store.ts';

it('rails and ceilings of before invites were a class have it by the migration, and keep what was set (rail 1)', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'seneschal-migration-'));
  const database = await newDatabase(folder);
  const { edit } = database;
  await edit(
    'create table migrations (number integer primary key, name text not null, applied_at bigint not null)',
  );
  for (const { number, name, statements } of MIGRATIONS) {
    if (name === 'invites among losses and raises') break;
    for (const statement of statements) await edit(statement);
    await edit('insert into migrations values (?, ?, 0)', number, name);
  }
  const { invites: _, ...budgets } = DEFAULT_BUDGETS;
  const { losses: __, ...rails } = RAILS;
  const before = { ...rails, lossBudget: { ...budgets, people: { min: 1, max: 2, percent: 3 } } };
  await edit(`insert into vaults (id, epoch, revision, secret_revision, display_name, plan, audit_sequence,
    audit_hash, created_at) values ('v', 'e', 1, 1, 'Acme', 'Free', 0, '', 0)`);
  await edit('update vaults set settings = ?', JSON.stringify(before));
  await edit(
    "insert into records values ('v', 'Organization', 'v', 'm', 'o', ?, null, '{}', null)",
    JSON.stringify({ displayName: '"lossBudget":{', rails: before }),
  );
  await edit(
    `insert into automations (id, vault_id, name, abilities, ceilings, created_at) values ('a', 'v', 'a', '[]', ?, 0)`,
    JSON.stringify({ people: 20, suspensions: 7, access: 1, machines: 2, projects: 3 }),
  );
  const store = await openStore(database.name, 0);
  try {
    const after = { ...before, losses: 'Budget', lossBudget: { ...DEFAULT_BUDGETS, ...before.lossBudget } };
    const vault = await store.reader.selectFrom('vaults').selectAll().executeTakeFirstOrThrow();
    expect(appliedSettings(vault)).toEqual(after);
    const record = await store.reader.selectFrom('records').selectAll().executeTakeFirstOrThrow();
    expect(JSON.parse(record.applied)).toEqual({ displayName: '"lossBudget":{', rails: after });
    const identity = await store.reader.selectFrom('automations').selectAll().executeTakeFirstOrThrow();
    expect(JSON.parse(identity.ceilings)).toMatchObject({ invites: 200, suspensions: 7, projects: 3 });
  } finally {
    await store.close();
    await database.drop();
    rmSync(folder, { recursive: true });
  }
});
