/** Managed records (design §4) in the tables. */
import type { Approved, ManagedKind, ManagedRecord } from '#model/record.ts';
import type { Act } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';

export interface Subject {
  readonly kind: ManagedKind;
  readonly key: string;
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
