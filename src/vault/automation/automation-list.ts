import type { Kysely } from 'kysely';
import { parsePublicKey } from '#identity/key-pair.ts';
import type { LossClass } from '#model/loss.ts';
import type { Ability } from '#protocol/management.ts';
import { projectNames } from '../authorization/project-names.ts';
import { byText } from '../common/scope.ts';
import type { AutomationTable, Database } from '../store/schema.ts';

/** Times are milliseconds since the epoch. */
export interface ListedAutomation {
  readonly id: string;
  readonly name: string;
  readonly state: 'Active' | 'Expired' | 'Revoked';
  readonly abilities: readonly Ability[];
  readonly ceilings: Readonly<Record<LossClass, number>>;
  /** Names; a project that is gone falls away. Null: every project. */
  readonly projects: readonly string[] | null;
  readonly machinesPerHour: number | null;
  /** CIDR ranges; null: anywhere. */
  readonly addresses: readonly string[] | null;
  /** User name; null: the server's administrator. */
  readonly createdBy: string | null;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly keys: readonly {
    readonly fingerprint: string;
    readonly createdAt: number;
    /** To the minute. */
    readonly lastUsedAt: number | null;
  }[];
}

/** All identities of a vault, those that are over among them, in the order in which they were made. */
export async function listAutomations(
  db: Kysely<Database>,
  vaultId: string,
  now: number,
): Promise<ListedAutomation[]> {
  const rows = await db
    .selectFrom('automations')
    .selectAll()
    .where('vault_id', '=', vaultId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  const keys = await db
    .selectFrom('automation_keys')
    .innerJoin('automations', 'automations.id', 'automation_keys.automation_id')
    .selectAll('automation_keys')
    .where('automations.vault_id', '=', vaultId)
    .orderBy('automation_keys.created_at')
    .orderBy('automation_keys.public_key')
    .execute();
  const names = await projectNames(db, vaultId);
  const keysOf = Map.groupBy(keys, ({ automation_id }) => automation_id);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    state: stateOf(row, now),
    abilities: JSON.parse(row.abilities) as Ability[],
    ceilings: JSON.parse(row.ceilings) as Record<LossClass, number>,
    projects: boundNames(row, names),
    machinesPerHour: row.machines_per_hour,
    addresses: row.bound_addresses === null ? null : (JSON.parse(row.bound_addresses) as string[]),
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    keys: (keysOf.get(row.id) ?? []).map((key) => ({
      fingerprint: parsePublicKey(key.public_key)?.fingerprint ?? '',
      createdAt: key.created_at,
      lastUsedAt: key.last_used_at,
    })),
  }));
}

function stateOf({ expires_at, revoked_at }: AutomationTable, now: number): ListedAutomation['state'] {
  if (revoked_at !== null) return 'Revoked';
  return expires_at !== null && expires_at <= now ? 'Expired' : 'Active';
}

function boundNames(
  { bound_projects }: AutomationTable,
  names: ReadonlyMap<string, string>,
): readonly string[] | null {
  if (bound_projects === null) return null;
  return (JSON.parse(bound_projects) as string[]).flatMap((id) => names.get(id) ?? []).sort(byText);
}
