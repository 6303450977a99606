/**
 * P3: what of the plan is used.
 *
 * Decides P3: used and cap, as they are shown.
 */
import { type Kysely, sql } from 'kysely';
import type { Tier } from '#model/organization.ts';
import type { Database } from '../store/schema.ts';

export interface Used {
  readonly used: number;
  /** Null: no cap. */
  readonly cap: number | null;
}

export interface Usage {
  readonly plan: string;
  /** Where a larger plan is had; empty: nowhere. */
  readonly billingUrl: string;
  /** Pending and suspended ones count (I5). */
  readonly members: Used;
  /** A cap of 0: the plan has none (P4). */
  readonly groups: Used;
  readonly projects: Used;
  /** A machine past its end does not count. */
  readonly machines: Used;
}

/** As the checks count when something is added. */
export async function usageOf(
  db: Kysely<Database>,
  vaultId: string,
  { name, billingUrl, caps }: Tier,
  now: number,
): Promise<Usage> {
  const { rows } = await sql<Record<keyof Tier['caps'], number>>`select
    (select count(*) from members where vault_id = ${vaultId}) as members,
    (select count(*) from ${sql.table('groups')} where vault_id = ${vaultId}) as ${sql.ref('groups')},
    (select count(*) from projects where vault_id = ${vaultId} and deleted_at is null) as projects,
    (select count(*) from machines where vault_id = ${vaultId}
      and (expires_at is null or expires_at > ${now})) as machines`.execute(db);
  const of = (what: keyof Tier['caps']): Used => ({ used: rows[0]?.[what] ?? 0, cap: caps[what] });
  return {
    plan: name,
    billingUrl,
    members: of('members'),
    groups: of('groups'),
    projects: of('projects'),
    machines: of('machines'),
  };
}
