/**
 * Raises of the last day in the tables, with what they replaced (rail 2).
 */
import type { Kysely } from 'kysely';
import type { RecentRaise } from '#model/organization.ts';
import { TAKE_BACK_WINDOW } from '#model/take-back.ts';
import type { Act } from '../act/context.ts';
import { byText } from '../common/scope.ts';
import type { Database, RaiseTable } from '../store/schema.ts';

/** Those of the last day, and those that were taken back in it; sorted by time and entry. */
export async function recentRaises(
  db: Kysely<Database>,
  vaultId: string,
  now: number,
): Promise<RecentRaise[]> {
  const since = now - TAKE_BACK_WINDOW;
  const rows = await db
    .selectFrom('raises')
    .selectAll()
    .where('vault_id', '=', vaultId)
    .where(({ eb, or }) => or([eb('at', '>', since), eb('taken_back_at', '>', since)]))
    .execute();
  return rows.sort((a, b) => a.at - b.at || byText(a.entry, b.entry)).map(raiseOf);
}

export async function keepRaise(act: Act, raise: RecentRaise): Promise<void> {
  const { entry, kind, key, before, after, gained, at, takenBackAt } = raise;
  await act.db
    .insertInto('raises')
    .values({
      ...{ vault_id: act.vault.id, entry, kind, key, at, taken_back_at: takenBackAt },
      before_value: JSON.stringify(before),
      after_value: JSON.stringify(after),
      gained: JSON.stringify(gained),
    })
    .execute();
}

export async function markTakenBack(act: Act, { entry }: RecentRaise): Promise<void> {
  await act.db
    .updateTable('raises')
    .set({ taken_back_at: act.now })
    .where('vault_id', '=', act.vault.id)
    .where('entry', '=', entry)
    .execute();
}

/** What can be taken back no more, and counts no more. */
export async function forgetRaises(db: Kysely<Database>, now: number): Promise<void> {
  const over = now - TAKE_BACK_WINDOW;
  await db
    .deleteFrom('raises')
    .where('at', '<=', over)
    .where(({ eb, or }) => or([eb('taken_back_at', 'is', null), eb('taken_back_at', '<=', over)]))
    .execute();
}

function raiseOf(row: RaiseTable): RecentRaise {
  return {
    entry: row.entry,
    kind: row.kind,
    key: row.key,
    before: JSON.parse(row.before_value),
    after: JSON.parse(row.after_value),
    gained: JSON.parse(row.gained),
    at: row.at,
    takenBackAt: row.taken_back_at,
  } as RecentRaise;
}
