/** The tables of automation identities (V4); part of `schema.ts`. */

/** V4. */
export interface AutomationTable {
  id: string;
  vault_id: string;
  name: string;
  /** JSON list of abilities. */
  abilities: string;
  /** JSON: loss class to units in seven days. */
  ceilings: string;
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
  /** User name of the person; null: the server's administrator. */
  created_by: string | null;
  /** JSON list of project ids; null: every project. */
  bound_projects: string | null;
  /** New machines in an hour at most; null: not bounded. */
  machines_per_hour: number | null;
  /** JSON list of CIDR ranges that its requests come from; null: anywhere. */
  bound_addresses: string | null;
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

/** Which machines automation registered: counted for an hour, and known as such for as long as they are there. */
export interface AutomationRegistrationTable {
  machine_id: string;
  automation_id: string;
  at: number;
}

export interface AutomationTables {
  automations: AutomationTable;
  automation_keys: AutomationKeyTable;
  automation_registrations: AutomationRegistrationTable;
}
