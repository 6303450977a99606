import type { JSONValue } from 'hono/utils/types';
import type { Kysely } from 'kysely';
import type { AuditEntry } from '../audit/chain.ts';
import type { MemberActor } from '../domain/actor.ts';
import type { Database } from '../store/schema.ts';

interface ListedEntry extends Omit<AuditEntry, 'vaultId' | 'epoch' | 'details' | 'provenance'> {
  readonly details: Record<string, JSONValue>;
  readonly provenance: Record<string, JSONValue>;
}

/** A page of the audit log, in the order of the chain; `of` narrows it to one person's own entries (A1). */
export async function listEntries(
  db: Kysely<Database>,
  vaultId: string,
  page: { readonly after: number; readonly limit: number; readonly of: MemberActor | null },
): Promise<{ entries: ListedEntry[]; next: number | null }> {
  const rows = await db
    .selectFrom('audit_entries')
    .select(['sequence', 'entry'])
    .where('vault_id', '=', vaultId)
    .where('sequence', '>', page.after)
    .orderBy('sequence')
    .limit(page.limit)
    .execute();
  const { of } = page;
  const entries = rows
    .map(({ entry }): ListedEntry => {
      const { vaultId: _vault, epoch: _epoch, ...listed } = JSON.parse(entry) as ListedEntry & AuditEntry;
      return listed;
    })
    // A person accepts as an account and then acts as a member; the name is theirs in both.
    .filter(({ actor }) => of === null || actor.id === of.memberId || actor.id === of.accountId);
  return { entries, next: rows.length < page.limit ? null : (rows.at(-1)?.sequence ?? null) };
}
