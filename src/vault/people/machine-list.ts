import type { Kysely } from 'kysely';
import type { MachineProject } from '../../model/organization.ts';
import { machineAccess, machineAccessRows } from '../domain/organization-state.ts';
import type { Database, MachineTable } from '../store/schema.ts';

export interface ListedMachine {
  readonly id: string;
  readonly name: string;
  readonly kind: MachineTable['kind'];
  readonly approved: boolean;
  readonly enabled: boolean;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly hostname: string | null;
  readonly keys: {
    readonly fingerprint: string;
    readonly createdAt: number;
    readonly lastUsedAt: number | null;
  }[];
  readonly access: readonly MachineProject[];
}

export interface MachinePage {
  readonly machines: ListedMachine[];
  /** Ask again after this name; null at the end. */
  readonly next: string | null;
}

/** The machines of a vault after a name (V7: at most `limit`), in the order of their names in the database. */
export async function listMachines(
  db: Kysely<Database>,
  vaultId: string,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<MachinePage> {
  const found = await db
    .selectFrom('machines')
    .selectAll()
    .where('vault_id', '=', vaultId)
    .where('name', '>', after)
    .orderBy('name')
    .limit(limit + 1)
    .execute();
  const rows = found.slice(0, limit);
  const page = { machines: await withKeys(db, vaultId, rows), next: null };
  return found.length > limit ? { ...page, next: rows.at(-1)?.name ?? null } : page;
}

async function withKeys(
  db: Kysely<Database>,
  vaultId: string,
  rows: readonly MachineTable[],
): Promise<ListedMachine[]> {
  const keys = await db
    .selectFrom('machine_keys')
    .select(['machine_id', 'fingerprint', 'created_at', 'last_used_at'])
    .where('vault_id', '=', vaultId)
    .orderBy('created_at')
    .orderBy('fingerprint')
    .execute();
  const access = await machineAccessRows(db, 'vault', vaultId);
  const keysOf = Map.groupBy(keys, ({ machine_id }) => machine_id);
  const accessOf = Map.groupBy(access, ({ machine_id }) => machine_id);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    kind: row.kind,
    approved: row.approved === 1,
    enabled: row.enabled === 1,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    hostname: row.hostname,
    keys: (keysOf.get(row.id) ?? []).map(({ fingerprint, created_at, last_used_at }) => ({
      fingerprint,
      createdAt: created_at,
      lastUsedAt: last_used_at,
    })),
    access: machineAccess(accessOf.get(row.id) ?? []),
  }));
}
