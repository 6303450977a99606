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

/** What is looked for; undefined: anything. Times are milliseconds since the epoch. */
export interface EntryFilter {
  /** User name of a member, name of a machine or an automation identity. */
  readonly by?: string | undefined;
  /** An action, or a prefix of actions that ends in `.*`. */
  readonly action?: string | undefined;
  /** Key of what it is about: an address, a name. */
  readonly about?: string | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

/**
 * A page of the audit log after a sequence, in the order of the chain or newest first; `of` narrows it to one person's own
 * entries (A1), so that a page may hold fewer than `limit`, as it may by what is looked for. Throws DomainError `BadCursor`.
 */
export async function listEntries(
  db: Kysely<Database>,
  vaultId: string,
  {
    after,
    of,
    order,
    ...query
  }: PageQuery &
    EntryFilter & {
      readonly after: number;
      readonly of: MemberActor | null;
      readonly order: 'oldest' | 'newest';
    },
): Promise<{ entries: ListedEntry[]; next: string | null }> {
  const page = ENTRIES.page(query);
  const found = await db
    .selectFrom('audit_entries')
    .select(['sequence', 'entry'])
    .where('vault_id', '=', vaultId)
    .where('sequence', '>', order === 'oldest' ? Math.max(after, page.after?.[0] ?? 0) : after)
    .$if(order === 'newest' && page.after !== null, (asked) =>
      asked.where('sequence', '<', page.after?.[0] ?? 0),
    )
    .orderBy('sequence', order === 'oldest' ? 'asc' : 'desc')
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
  // Times of a log only grow: beyond its end nothing more is found.
  const isOver = order === 'newest' ? isBefore(rows.at(-1), query.since) : isAfter(rows.at(-1), query.until);
  return { entries: entries.filter((entry) => isLookedFor(entry, query)), next: isOver ? null : next };
}

function isLookedFor(
  { at, action, actor, subject }: ListedEntry,
  { by, action: wanted, about, since, until }: EntryFilter,
): boolean {
  return (
    (by === undefined || actor.name === by) &&
    (wanted === undefined ||
      (wanted.endsWith('.*') ? action.startsWith(wanted.slice(0, -1)) : action === wanted)) &&
    (about === undefined || subject.key === about) &&
    (since === undefined || at >= since) &&
    (until === undefined || at <= until)
  );
}

function isBefore(row: { readonly entry: string } | undefined, moment: number | undefined): boolean {
  return row !== undefined && moment !== undefined && (JSON.parse(row.entry) as ListedEntry).at < moment;
}

function isAfter(row: { readonly entry: string } | undefined, moment: number | undefined): boolean {
  return row !== undefined && moment !== undefined && (JSON.parse(row.entry) as ListedEntry).at > moment;
}
