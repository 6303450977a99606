/** The tables of automation identities (V4); part of `schema.ts`. */

/** V4. */
export interface AutomationTable {
  id: string;
  vault_id: string;
  name: string;
  /** JSON list of abilities. */
  abilities: string;
  /** JSON: class to units in seven days. */
  ceilings: string;
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
  /** User name of the person; null: the server's administrator. */
  created_by: string | null;
  /** JSON list of project ids; null: every project. */
  bound_projects: string | null;
  /** JSON list of CIDR ranges that its requests come from; null: anywhere. */
  bound_addresses: string | null;
  /** JSON: budget of gains to units; what is not in it has its default. */
  gain_budgets: string;
  /** JSON list of managers that it acts for; null: it took no lease yet. */
  managers: string | null;
  /** JSON list of CIDR ranges that its machines are answered from; null: its own. */
  bound_machine_addresses: string | null;
}

/** At most two an identity, so that one can follow the other. */
export interface AutomationKeyTable {
  automation_id: string;
  /** Standard base64 of the raw 32-byte Ed25519 key. */
  public_key: string;
  created_at: number;
  /** To the minute. */
  last_used_at: number | null;
}

/** Which machines automation registered, and for which manager; known as such for as long as they are there. */
export interface AutomationRegistrationTable {
  machine_id: string;
  automation_id: string;
  at: number;
  /** Who holds the lease when it is registered. */
  manager: string;
}

/** What a delegation gave in the last seven days, as its budgets and ceilings count it. */
export interface DelegatedGainTable {
  id: string;
  automation_id: string;
  class: string;
  units: number;
  at: number;
  /** 1: under an approval that the identity claimed; it counts toward the ceiling and no budget. */
  claimed: 0 | 1;
}

export interface AutomationTables {
  automations: AutomationTable;
  automation_keys: AutomationKeyTable;
  automation_registrations: AutomationRegistrationTable;
  delegated_gains: DelegatedGainTable;
}
