import type { Kysely } from 'kysely';
import type { MachineProject } from '#model/organization.ts';
import { listByText, type PageQuery } from '../http/page.ts';
import type { Database, MachineTable } from '../store/schema.ts';
import { machineAccess, machineAccessRows } from './machine-access-rows.ts';

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
  readonly next: string | null;
}

const MACHINES = listByText('machines');

/** A page of the machines of a vault, in the order of their names in the database. Throws DomainError `BadCursor`. */
export async function listMachines(
  db: Kysely<Database>,
  vaultId: string,
  query: PageQuery,
): Promise<MachinePage> {
  const { after, limit } = MACHINES.page(query);
  const found = await db
    .selectFrom('machines')
    .selectAll()
    .where('vault_id', '=', vaultId)
    .$if(after !== null, (rows) => rows.where('name', '>', after?.[0] ?? ''))
    .orderBy('name')
    .limit(limit + 1)
    .execute();
  const { rows, next } = MACHINES.paged(found, limit, ({ name }) => [name]);
  return { machines: await withKeys(db, rows), next };
}

async function withKeys(db: Kysely<Database>, rows: readonly MachineTable[]): Promise<ListedMachine[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const keys = await db
    .selectFrom('machine_keys')
    .select(['machine_id', 'fingerprint', 'created_at', 'last_used_at'])
    .where('machine_id', 'in', ids)
    .orderBy('created_at')
    .orderBy('fingerprint')
    .execute();
  const access = await machineAccessRows(db, { machines: ids });
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
