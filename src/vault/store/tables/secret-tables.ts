/** The tables of projects and the secrets in them; part of `schema.ts`. */
import type { Flag } from './vault-tables.ts';

export interface ProjectTable {
  id: string;
  vault_id: string;
  name: string;
  description: string;
  /** The project's key wrapped by the root key (V5); null until its first secret. */
  wrapped_key: string | null;
  /** Which root key wrapped it. */
  root_key_id: string | null;
  /** O5: a rotation asked for another key, which is not made yet. */
  rekey_due: Flag;
  created_at: number;
  /** In the trash since. */
  deleted_at: number | null;
  /** Who put it there; null: nobody did, or it was before this was kept. */
  deleted_by: string | null;
  /** The audit entry of that, which tombstones of cut grants name. */
  deleted_entry: string | null;
}

export interface SecretTable {
  id: string;
  vault_id: string;
  project_id: string;
  name: string;
  current_version: number;
  /** JSON list of the field names of a structured secret; null for a plain one. */
  field_names: string | null;
  /** The vault's secret revision when the secret moved last. */
  revision: number;
  /** The vault's secret revision when the current version was set, and the time of that. */
  version_revision: number;
  version_at: number;
  created_at: number;
  /** In the trash since. */
  deleted_at: number | null;
  /** Who put it there; null: nobody did, or it was before this was kept. */
  deleted_by: string | null;
  /** It went with its project, and comes back with it. */
  deleted_with_project: Flag;
}

export interface SecretVersionTable {
  secret_id: string;
  version: number;
  wrapped_key: string;
  sealed: string;
  created_at: number;
  /** JSON list of the names of its fields; null for a plain one. */
  field_names: string | null;
  /** Of the value in UTF-8. */
  bytes: number;
  origin: 'Set' | 'Generated' | 'Rollback';
  /** The version that a rollback went back to. */
  origin_version: number | null;
  /** Name of the actor; null: it was before this was kept. */
  created_by: string | null;
}

/** Under which conditions the values of a secret leave, and the reads counted where it meters them. */
export interface SecretPolicyTable {
  secret_id: string;
  /** JSON of Policy. */
  conditions: string;
  set_by: string;
  set_at: number;
  /** The minute since the epoch that `minute_reads` are of; the day likewise. */
  minute: number;
  minute_reads: number;
  day: number;
  day_reads: number;
  /** Since the secret has a policy that meters. */
  reads: number;
}

export interface SecretTables {
  projects: ProjectTable;
  secrets: SecretTable;
  secret_versions: SecretVersionTable;
  secret_policies: SecretPolicyTable;
}
