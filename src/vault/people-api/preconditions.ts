/**
 * V1: `If-Match` against the ETag of an organization (RFC 9110, 13.1.1).
 *
 * Decides V1: what `If-Match` of people is held against.
 */
import type { Kysely } from 'kysely';
import { etagOf } from '../act/etag.ts';
import { stale } from '../common/domain-error.ts';
import type { Database, VaultTable } from '../store/schema.ts';

/** The present ETag of a vault; null where there is no such vault. */
export async function etagOfVault(db: Kysely<Database>, vaultId: string): Promise<string | null> {
  const row = await db
    .selectFrom('vaults')
    .select(['epoch', 'revision'])
    .where('id', '=', vaultId)
    .executeTakeFirst();
  return row === undefined ? null : etagOf(row);
}

/** Throws DomainError 412 `Stale` unless the header is absent, `*`, or names the present ETag. */
export function checkMatch(ifMatch: string | null, vault: Pick<VaultTable, 'epoch' | 'revision'>): void {
  if (!matches(ifMatch, etagOf(vault))) throw stale();
}

/** Weak tags never match: the comparison is the strong one. */
export function matches(ifMatch: string | null, etag: string): boolean {
  if (ifMatch === null || ifMatch.trim() === '*') return true;
  return ifMatch.split(',').some((one) => one.trim() === etag);
}
