/** The tables of machines, how they enrol, and what they read; part of `schema.ts`. */
import type { Flag } from './vault-tables.ts';

export interface MachineTable {
  id: string;
  vault_id: string;
  name: string;
  approved: Flag;
  enabled: Flag;
  disabled_at: number | null;
  created_at: number;
  /** How it came: approved by a person, by an enrollment token, or by a person for a time. */
  kind: 'standard' | 'ephemeral' | 'temporary';
  /** Its end; null: none. */
  expires_at: number | null;
  /** As it named its host when it enrolled; null: it did not enrol itself. */
  hostname: string | null;
  /** JSON of Guardrails; null: none. */
  guardrails: string | null;
  /** The manager that brought a key of it; null: none did, its keys are those of people. */
  keyed_by: string | null;
}

/** By which machines enrol themselves; the token is stored hashed (V5). */
export interface EnrollmentTokenTable {
  id: string;
  vault_id: string;
  name: string;
  token_hash: string;
  /** JSON list of `{projectId, secretIds}`, as it was when the token was made. */
  scope: string;
  /** User name of the person. */
  created_by: string;
  /** Their account; null: it was made before that was kept, or by no person. */
  maker: string | null;
  created_at: number;
  expires_at: number;
  /** Milliseconds. */
  machine_life: number;
  max_uses: number;
  uses: number;
  /** Range of addresses; null: any. */
  source: string | null;
  /** With `*` and `?`; null: any. */
  hostname_pattern: string | null;
  revoked_at: number | null;
}

/** By which one standard machine registers itself; the token is stored hashed (V5). */
export interface BootstrapTokenTable {
  id: string;
  vault_id: string;
  /** Of the machine; null: its host's. */
  name: string | null;
  token_hash: string;
  /** User name of the person. */
  created_by: string;
  /** Their account; null: it was made before that was kept, or by no person. */
  maker: string | null;
  created_at: number;
  expires_at: number;
  used_at: number | null;
}

/** Gates requests of machines and their enrollment; a vault without a row has none. */
export interface IpAllowlistTable {
  vault_id: string;
  enabled: Flag;
  /** JSON list of `{range, description}`. */
  entries: string;
}

export interface MachineKeyTable {
  vault_id: string;
  fingerprint: string;
  machine_id: string;
  /** Standard base64 of the raw 32 bytes. */
  public_key: string;
  /**
   * Account of the person who was shown its private half, or brought it, or made the token that it came by; null: it
   * came before that was kept, or by automation.
   */
  maker: string | null;
  /** The identity that brought it, or that follows the one that did; null: a person did. */
  automation_id: string | null;
  /** JSON list of CIDR ranges that it is answered from; null: anywhere. */
  addresses: string | null;
  /** The installation whose step brought it; null: no step did, or it is not known. */
  installation: string | null;
  created_at: number;
  last_used_at: number | null;
  /** The address of that use. */
  last_used_from: string | null;
}

/** Keys that were ended as compromised: no machine of the vault has them again. */
export interface CompromisedKeyTable {
  vault_id: string;
  fingerprint: string;
  at: number;
}

export interface MachineProjectTable {
  machine_id: string;
  project_id: string;
}

/** H2: secrets granted one by one. */
export interface MachineSecretTable {
  machine_id: string;
  secret_id: string;
}

/** The version last handed out to a machine, for its polls. */
export interface MachinePollTable {
  machine_id: string;
  secret_id: string;
  version: number;
  /** 0: no read yet; a poll observed the version. */
  is_read: Flag;
}

/** What is remembered of the polls of a machine from an address; at most 64 a machine. */
export interface PollSourceTable {
  machine_id: string;
  source: string;
  /** The secret revision up to which it is owed nothing; null: it was never answered. */
  revision: number | null;
  /** JSON list of `[secret id, version, revision, time of the read or null]`. */
  reads: string;
  first_at: number;
  last_at: number;
  /** When two polls came within eight seconds last. */
  shared_at: number | null;
}

export interface MachineTables {
  machines: MachineTable;
  machine_keys: MachineKeyTable;
  compromised_keys: CompromisedKeyTable;
  enrollment_tokens: EnrollmentTokenTable;
  bootstrap_tokens: BootstrapTokenTable;
  ip_allowlists: IpAllowlistTable;
  machine_projects: MachineProjectTable;
  machine_secrets: MachineSecretTable;
  machine_polls: MachinePollTable;
  poll_sources: PollSourceTable;
}
