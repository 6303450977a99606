/**
 * Names that Git took from projects and templates of late: each is its origin's alone for a while, so that what still names it
 * never means what somebody else makes.
 *
 * Decides P2: for whom a former name is kept.
 */
import type { Kysely } from 'kysely';
import type { FormerName } from '#model/organization.ts';
import { isKeptFrom } from '#model/rename.ts';
import type { Act } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import { byText } from '../common/scope.ts';
import type { Database } from '../store/schema.ts';
import { originOf, type Subject } from './records.ts';

/** Sorted by kind and key. */
export async function formerNames(db: Kysely<Database>, vaultId: string): Promise<FormerName[]> {
  const rows = await db
    .selectFrom('former_names')
    .select(['kind', 'key', 'manager', 'origin', 'until'])
    .where('vault_id', '=', vaultId)
    .execute();
  return rows
    .map((row) => ({ ...row, kind: row.kind as FormerName['kind'] }))
    .sort((a, b) => byText(a.kind, b.kind) || byText(a.key, b.key));
}

export async function keepName({ db, vault }: Act, { kind, key, ...kept }: FormerName): Promise<void> {
  await db
    .insertInto('former_names')
    .values({ vault_id: vault.id, kind, key, ...kept })
    .onConflict((conflict) => conflict.columns(['vault_id', 'kind', 'key']).doUpdateSet(kept))
    .execute();
}

/** Throws `NameKept` where the name is another origin's, or another manager's, still. `origin`: as the step says it; else as the record does. */
export async function checkNameKept(
  act: Act,
  subject: Subject,
  by: { readonly manager: string; readonly origin: string | undefined },
): Promise<void> {
  if (subject.kind !== 'Project' && subject.kind !== 'PermissionTemplate') return;
  const kept = await act.db
    .selectFrom('former_names')
    .select(['manager', 'origin', 'until'])
    .where('vault_id', '=', act.vault.id)
    .where('kind', '=', subject.kind)
    .where('key', '=', subject.key)
    .executeTakeFirst();
  if (kept === undefined) return;
  const origin = by.origin ?? (await originOf(act, subject));
  if (!isKeptFrom(kept, { manager: by.manager, origin }, act.now)) return;
  throw refuse(
    'NameKept',
    `What was ${subject.key} has another name now; until ${new Date(kept.until).toISOString()} it is declared anew only where it was declared.`,
    'Take another name, or wait until then.',
  );
}

export async function forgetFormerNames(db: Kysely<Database>, now: number): Promise<void> {
  await db.deleteFrom('former_names').where('until', '<=', now).execute();
}
