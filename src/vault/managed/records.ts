/** Managed records (design §4) in the tables. */
import type { Kysely } from 'kysely';
import type { Approved, ManagedKind, ManagedRecord } from '#model/record.ts';
import type { Act } from '../act/context.ts';
import { mapYielding, sortYielding, yieldingRows } from '../act/yielding.ts';
import { refuse } from '../common/domain-error.ts';
import { byText } from '../common/scope.ts';
import type { Database } from '../store/schema.ts';

export interface Subject {
  readonly kind: ManagedKind;
  readonly key: string;
}

/** Sorted by kind and key. */
export async function recordsOf(db: Kysely<Database>, vaultId: string): Promise<ManagedRecord[]> {
  const query = db.selectFrom('records').selectAll().where('vault_id', '=', vaultId);
  const records = await mapYielding(
    await yieldingRows(db, query),
    (row): ManagedRecord => ({
      kind: row.kind as ManagedKind,
      key: row.key,
      manager: row.manager,
      origin: row.origin,
      applied: JSON.parse(row.applied),
      deletionPolicy: row.deletion_policy,
      provenance: JSON.parse(row.provenance),
      seenUnder: row.seen_under,
      ...(row.approved === null ? {} : { approved: JSON.parse(row.approved) as Approved }),
      ...(row.renamed_from === null ? {} : { renamedFrom: row.renamed_from }),
    }),
  );
  return sortYielding(records, (a, b) => byText(a.kind, b.kind) || byText(a.key, b.key));
}

/** Name of the manager that has a record of the thing; null where nobody does. */
export async function managerOf(act: Act, subject: Subject): Promise<string | null> {
  const row = await act.db
    .selectFrom('records')
    .select('manager')
    .where('vault_id', '=', act.vault.id)
    .where('kind', '=', subject.kind)
    .where('key', '=', subject.key)
    .executeTakeFirst();
  return row?.manager ?? null;
}

/** The origin that the record of the thing says; null where there is none. */
export async function originOf(act: Act, subject: Subject): Promise<string | null> {
  const row = await act.db
    .selectFrom('records')
    .select('origin')
    .where('vault_id', '=', act.vault.id)
    .where('kind', '=', subject.kind)
    .where('key', '=', subject.key)
    .executeTakeFirst();
  return row?.origin ?? null;
}

/** A thing that a manager keeps is renamed where it is declared: under another name it would be made anew. Throws `Foreign`. */
export async function checkRenamable(act: Act, subject: Subject): Promise<void> {
  const manager = await managerOf(act, subject);
  if (manager === null) return;
  throw refuse(
    'Foreign',
    `${subject.kind} ${subject.key} is managed by ${manager}, which knows it by its name.`,
    'Rename it where it is declared.',
  );
}

/** Rail 11: throws `Foreign` where another manager has the record. */
async function checkManager(act: Act, subject: Subject, manager: string): Promise<void> {
  const other = await managerOf(act, subject);
  if (other !== null && other !== manager) {
    throw refuse('Foreign', `${subject.kind} ${subject.key} is managed by ${other}.`);
  }
}

/** Stores the record of a thing that this manager has, or that nobody has. Throws `Foreign`, `Invalid`. */
export async function putRecord(act: Act, record: ManagedRecord, manager: string): Promise<void> {
  if (record.manager !== manager) {
    throw refuse(
      'Invalid',
      `The record names the manager ${record.manager}, and ${manager} holds the lease.`,
    );
  }
  await checkManager(act, record, manager);
  const fields = {
    manager,
    origin: record.origin,
    applied: JSON.stringify(record.applied),
    deletion_policy: record.deletionPolicy,
    provenance: JSON.stringify(record.provenance),
    seen_under: record.seenUnder,
    // It outlasts the line.
    ...(record.renamedFrom === undefined ? {} : { renamed_from: record.renamedFrom }),
  };
  await act.db
    .insertInto('records')
    .values({ vault_id: act.vault.id, kind: record.kind, key: record.key, ...fields })
    .onConflict((conflict) => conflict.columns(['vault_id', 'kind', 'key']).doUpdateSet(fields))
    .execute();
}

/** Keeps by whom a step about the thing was approved; nothing where it has no record. */
export async function keepApproved(act: Act, subject: Subject, approved: Approved): Promise<void> {
  await act.db
    .updateTable('records')
    .set({ approved: JSON.stringify(approved) })
    .where('vault_id', '=', act.vault.id)
    .where('kind', '=', subject.kind)
    .where('key', '=', subject.key)
    .execute();
}

/** Drops a record of this manager; nothing happens where there is none. Throws `Foreign`. */
export async function dropRecord(act: Act, subject: Subject, manager: string): Promise<void> {
  await checkManager(act, subject, manager);
  await act.db
    .deleteFrom('records')
    .where('vault_id', '=', act.vault.id)
    .where('kind', '=', subject.kind)
    .where('key', '=', subject.key)
    .execute();
}
