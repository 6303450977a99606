import type { Kysely } from 'kysely';
import { parsePublicKey } from '#identity/key-pair.ts';
import type { Ceilings, GainBudgets } from '#model/gains.ts';
import type { Ability } from '#protocol/management.ts';
import { projectNames } from '../authorization/project-names.ts';
import { byText } from '../common/scope.ts';
import type { AutomationTable, Database } from '../store/schema.ts';
import { boundsOf } from './stored-bounds.ts';

/** Times are milliseconds since the epoch. */
export interface ListedAutomation extends GainBudgets {
  readonly id: string;
  readonly name: string;
  readonly state: 'Active' | 'Expired' | 'Revoked';
  readonly abilities: readonly Ability[];
  readonly ceilings: Ceilings;
  /** Names that it takes the lease by; null: it took none yet. */
  readonly managers: readonly string[] | null;
  /** Names; a project that is gone falls away. Null: every project. */
  readonly projects: readonly string[] | null;
  /** CIDR ranges; null: anywhere. */
  readonly addresses: readonly string[] | null;
  /** CIDR ranges; null: `addresses`. */
  readonly machineAddresses: readonly string[] | null;
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
    ...shownBounds(row, names),
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

function shownBounds(row: AutomationTable, names: ReadonlyMap<string, string>) {
  const { gains, projects, ...bounds } = boundsOf(row);
  return {
    ...bounds,
    ...gains,
    projects: projects?.flatMap((id) => names.get(id) ?? []).sort(byText) ?? null,
  };
}
