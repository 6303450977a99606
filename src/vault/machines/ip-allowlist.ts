/** The IP allowlist of a vault: gates requests of machines and their enrollment, and nobody else's. */
import type { Kysely } from 'kysely';
import type { Act } from '../act/context.ts';
import { AddressList } from '../common/addresses.ts';
import { DomainError, refuse } from '../common/domain-error.ts';
import type { Database } from '../store/schema.ts';

export interface AllowlistEntry {
  /** CIDR range or one address. */
  readonly range: string;
  readonly description: string;
}

export interface IpAllowlist {
  readonly enabled: boolean;
  readonly entries: readonly AllowlistEntry[];
}

/** Off and empty where nobody made one. */
export async function ipAllowlist(
  db: Kysely<Database>,
  vaultId: string,
): Promise<{ enabled: boolean; entries: AllowlistEntry[] }> {
  const row = await db
    .selectFrom('ip_allowlists')
    .select(['enabled', 'entries'])
    .where('vault_id', '=', vaultId)
    .executeTakeFirst();
  if (row === undefined) return { enabled: false, entries: [] };
  return { enabled: row.enabled === 1, entries: JSON.parse(row.entries) as AllowlistEntry[] };
}

/** The ranges that are let through; null: everybody is, because it is off. */
export function gateOf(row: {
  readonly enabled: number | null;
  readonly entries: string | null;
}): AddressList | null {
  if (row.enabled !== 1) return null;
  const entries = JSON.parse(row.entries ?? '[]') as AllowlistEntry[];
  return new AddressList(entries.map(({ range }) => range));
}

/** Whether a request of a machine that is being made may come from this address. */
export async function isAllowed(db: Kysely<Database>, vaultId: string, source: string): Promise<boolean> {
  const row = await db
    .selectFrom('ip_allowlists')
    .select(['enabled', 'entries'])
    .where('vault_id', '=', vaultId)
    .executeTakeFirst();
  return row === undefined || gateOf(row)?.has(source) !== false;
}

/**
 * Replaces the list; acts on the next request of each machine. Throws DomainError `AllowlistEmpty` where an empty
 * list would be on, which lets no machine through, unless that is forced; `Invalid` for a range given twice.
 */
export async function setIpAllowlist(
  act: Act,
  { enabled, entries }: IpAllowlist,
  force: boolean,
): Promise<void> {
  if (enabled && entries.length === 0 && !force) {
    throw new DomainError({
      code: 'AllowlistEmpty',
      status: 409,
      detail: 'An empty list that is on lets no machine through.',
      next: 'Add the ranges that machines ask from, or set force.',
    });
  }
  if (new Set(entries.map(({ range }) => range)).size !== entries.length) {
    throw refuse('Invalid', 'A range is given twice.');
  }
  const before = await ipAllowlist(act.db, act.vault.id);
  const fields = { enabled: enabled ? (1 as const) : (0 as const), entries: JSON.stringify(entries) };
  await act.db
    .insertInto('ip_allowlists')
    .values({ vault_id: act.vault.id, ...fields })
    .onConflict((conflict) => conflict.column('vault_id').doUpdateSet(fields))
    .execute();
  const ranges = (list: IpAllowlist) => ({
    enabled: list.enabled,
    ranges: list.entries.map(({ range }) => range),
  });
  await act.audit({
    action: 'ip-allowlist.set',
    subject: { kind: 'Vault', key: act.vault.id },
    details: { before: ranges(before), after: ranges({ enabled, entries }), forced: force },
  });
}
