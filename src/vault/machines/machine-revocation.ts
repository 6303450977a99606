import type { Kysely } from 'kysely';
import type { MachineProject } from '#model/organization.ts';
import { refuse } from '../common/domain-error.ts';
import type { Database } from '../store/schema.ts';
import { machineAccess, machineAccessRows } from './machine-access-rows.ts';
import { findMachine } from './machines.ts';

export interface RevocationPreview {
  readonly machineId: string;
  readonly projects: MachineProject[];
  readonly keys: { readonly fingerprint: string; readonly lastUsedAt: number | null }[];
  /** Name of the manager that has a record of it; null where nobody does. */
  readonly manager: string | null;
}

/** What the machine of this name has now, and would lose. Throws DomainError `NotFound`. */
export async function revocationPreview(
  db: Kysely<Database>,
  vaultId: string,
  name: string,
): Promise<RevocationPreview> {
  const machine = await findMachine(db, vaultId, name);
  if (machine === undefined) throw refuse('NotFound', `There is no machine ${name}.`);
  const keys = await db
    .selectFrom('machine_keys')
    .select(['fingerprint', 'last_used_at as lastUsedAt'])
    .where('machine_id', '=', machine.id)
    .orderBy('created_at')
    .orderBy('fingerprint')
    .execute();
  const record = await db
    .selectFrom('records')
    .select('manager')
    .where('vault_id', '=', vaultId)
    .where('kind', '=', 'MachineBinding')
    .where('key', '=', name)
    .executeTakeFirst();
  return {
    machineId: machine.id,
    projects: machineAccess(await machineAccessRows(db, { machines: [machine.id] })),
    keys,
    manager: record?.manager ?? null,
  };
}
