/**
 * What the audit log says of some things: it is looked at from its end, some entries at a time, so that a long log holds up
 * nobody, and no further than is useful.
 */
import { setImmediate } from 'node:timers/promises';
import type { Expression, ExpressionBuilder, Kysely, SqlBool } from 'kysely';
import { canonicalJson } from '#model/digest.ts';
import { LONGEST_TRACE, type TracedEntry, type TracedRead, type TraceRequest } from '#protocol/management.ts';
import { READS, type ReadBlock, ReadsFound } from '#protocol/traced-reads.ts';
import type { Database } from '../store/schema.ts';

/** Entries looked at in one go. */
const WINDOW = 5000;
/** And at all, by one request: what is older, an export tells. */
const FURTHEST = 500_000;
/** Ids that are looked for by the database; of more the rows themselves are looked through. */
const FEW = 20;

type Row = { readonly sequence: number; readonly at: number; readonly entry: string };
type Where = (row: ExpressionBuilder<Database, 'audit_entries'>) => Expression<SqlBool>;

/** Entries of configuration about the subjects, newest first; `lookedBackTo` null: all there are. */
export async function entriesAbout(
  db: Kysely<Database>,
  vaultId: string,
  subjects: TraceRequest['subjects'],
): Promise<{ readonly entries: TracedEntry[]; readonly lookedBackTo: number | null }> {
  const entries: TracedEntry[] = [];
  if (subjects.length === 0) return { entries, lookedBackTo: null };
  const asked = new Set(subjects.map(({ kind, key }) => canonicalJson({ key, kind })));
  const about: Where = (row) =>
    row.and([
      row('action', 'not in', [...READS, 'secrets.refused-by-policy']),
      ...(asked.size > FEW ? [] : [row.or([...asked].map((subject) => holds(row, `"subject":${subject}`)))]),
    ]);
  const lookedBackTo = await lookBack(db, vaultId, 0, about, ({ entry: text }) => {
    const { vaultId: _, epoch: __, ...entry } = JSON.parse(text) as TracedEntry & Record<string, unknown>;
    if (asked.has(canonicalJson(entry.subject))) entries.push(entry as TracedEntry);
    return entries.length < LONGEST_TRACE;
  });
  return { entries, lookedBackTo };
}

/** What was read of these secrets, or by these machines, since a time. */
export async function readsSince(
  db: Kysely<Database>,
  vaultId: string,
  { secrets, machines, since }: NonNullable<TraceRequest['reads']>,
): Promise<{ readonly reads: TracedRead[]; readonly lookedBackTo: number | null }> {
  const ids = [...secrets, ...machines];
  if (ids.length === 0) return { reads: [], lookedBackTo: null };
  const found = new ReadsFound({ secrets, machines });
  const isRead: Where = (row) =>
    row.and([
      row('action', 'in', READS),
      ...(ids.length > FEW ? [] : [row.or(ids.map((id) => holds(row, `"${id}"`)))]),
    ]);
  const lookedBackTo = await lookBack(db, vaultId, since, isRead, ({ entry, at }) => {
    found.add({ ...(JSON.parse(entry) as ReadBlock), at });
    return true;
  });
  return { reads: found.sorted, lookedBackTo };
}

/**
 * Rows from the newest back to `since`, as long as `take` says to go on. Answers the time that it ended at early; null: it
 * did not.
 */
async function lookBack(
  db: Kysely<Database>,
  vaultId: string,
  since: number,
  where: Where,
  take: (row: Row) => boolean,
): Promise<number | null> {
  const newest = await db
    .selectFrom('audit_entries')
    .select(({ fn }) => fn.max('sequence').as('sequence'))
    .where('vault_id', '=', vaultId)
    .executeTakeFirst();
  const head = Number(newest?.sequence ?? 0);
  let oldest = Number.POSITIVE_INFINITY;
  for (let to = head; to > 0; to -= WINDOW) {
    if (head - to >= FURTHEST) return oldest;
    const from = Math.max(0, to - WINDOW);
    const edge = await db
      .selectFrom('audit_entries')
      .select('at')
      .where('vault_id', '=', vaultId)
      .where('sequence', '=', from + 1)
      .executeTakeFirst();
    const rows = await db
      .selectFrom('audit_entries')
      .select(['sequence', 'at', 'entry'])
      .where('vault_id', '=', vaultId)
      .where('sequence', '>', from)
      .where('sequence', '<=', to)
      .where('at', '>=', since)
      .where(where)
      .orderBy('sequence', 'desc')
      .execute();
    for (const row of rows) if (!take(row)) return row.at;
    oldest = edge?.at ?? oldest;
    if (oldest < since) return null;
    await setImmediate();
  }
  return null;
}

/** Whether the entry's text has this one in it; a hint, since it may stand anywhere. */
function holds(row: ExpressionBuilder<Database, 'audit_entries'>, text: string): Expression<SqlBool> {
  // No escape character is needed: what a wildcard takes for itself the caller looks at again.
  return row('entry', 'like', `%${text.replaceAll('\\', '_')}%`);
}
