/** Decides A1: whose entries a person is shown. */
import { z } from '@hono/zod-openapi';
import type { JSONValue } from 'hono/utils/types';
import type { Kysely } from 'kysely';
import type { MemberActor } from '../act/actor.ts';
import { numberKey, PagedList, type PageQuery } from '../http/page.ts';
import type { Database } from '../store/schema.ts';
import type { AuditEntry } from './chain.ts';

interface ListedEntry extends Omit<AuditEntry, 'vaultId' | 'epoch' | 'details' | 'provenance'> {
  readonly details: Record<string, JSONValue>;
  readonly provenance: Record<string, JSONValue>;
}

const ENTRIES = new PagedList<readonly [number]>('audit', z.tuple([numberKey]));

/**
 * A page of the audit log after a sequence, in the order of the chain; `of` narrows it to one person's own entries
 * (A1), so that a page may hold fewer than `limit`. Throws DomainError `BadCursor`.
 */
export async function listEntries(
  db: Kysely<Database>,
  vaultId: string,
  { after, of, ...query }: PageQuery & { readonly after: number; readonly of: MemberActor | null },
): Promise<{ entries: ListedEntry[]; next: string | null }> {
  const page = ENTRIES.page(query);
  const found = await db
    .selectFrom('audit_entries')
    .select(['sequence', 'entry'])
    .where('vault_id', '=', vaultId)
    .where('sequence', '>', Math.max(after, page.after?.[0] ?? 0))
    .orderBy('sequence')
    .limit(page.limit + 1)
    .execute();
  const { rows, next } = ENTRIES.paged(found, page.limit, ({ sequence }) => [sequence]);
  const entries = rows
    .map(({ entry }): ListedEntry => {
      const { vaultId: _vault, epoch: _epoch, ...listed } = JSON.parse(entry) as ListedEntry & AuditEntry;
      return listed;
    })
    // A person accepts as an account and then acts as a member; the name is theirs in both.
    .filter(({ actor }) => of === null || actor.id === of.memberId || actor.id === of.accountId);
  return { entries, next };
}
