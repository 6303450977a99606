/** The cuts that stand (rail 7), for those who may lift what is final. */
import { z } from '@hono/zod-openapi';
import { type Kysely, sql } from 'kysely';
import type { Tombstone } from '#model/record.ts';
import { numberKey, PagedList, type PageQuery, textKey } from '../http/page.ts';
import { tombstoneOf } from '../managed/tombstones.ts';
import type { Database } from '../store/schema.ts';

const CUTS = new PagedList('cuts', z.tuple([numberKey, textKey, textKey, textKey, textKey, textKey]));

/** A page of the cuts of a vault, newest first. Throws DomainError `BadCursor`. */
export async function listCuts(
  db: Kysely<Database>,
  vaultId: string,
  query: PageQuery,
): Promise<{ cuts: Tombstone[]; next: string | null }> {
  const { after, limit } = CUTS.page(query);
  const found = await db
    .selectFrom('tombstones')
    .selectAll()
    .where('vault_id', '=', vaultId)
    .$if(after !== null, (rows) =>
      rows.where(sql<boolean>`(at, entry, kind, key, act, item) < (${sql.join([...(after ?? [])])})`),
    )
    .orderBy('at', 'desc')
    .orderBy('entry', 'desc')
    .orderBy('kind', 'desc')
    .orderBy('key', 'desc')
    .orderBy('act', 'desc')
    .orderBy('item', 'desc')
    .limit(limit + 1)
    .execute();
  const { rows, next } = CUTS.paged(found, limit, ({ at, entry, kind, key, act, item }) => [
    at,
    entry,
    kind,
    key,
    act,
    item,
  ]);
  return { cuts: rows.map(tombstoneOf), next };
}
