/** The tables of a vault itself: its plan, its lease, and what is left when it was deleted; part of `schema.ts`. */

import type { LeaseHolder } from '#model/organization.ts';

/** 0 or 1. */
export type Flag = 0 | 1;

/** The row that every act locks first (A2): revision and audit head live here. */
export interface VaultTable {
  id: string;
  epoch: string;
  /** Configuration revision (V1). */
  revision: number;
  /** Revision of secret versions, apart from the configuration's (V1). */
  secret_revision: number;
  /** O1: a personal vault has its owner alone. */
  kind: 'Personal' | 'Organization';
  display_name: string;
  /** Name in the server's plan catalog. */
  plan: string;
  /** P4: the end of the plan or its trial; null: none. */
  plan_until: number | null;
  /** When it was noticed that the plan is over; null: it is not, or nobody looked yet. */
  lapsed_at: number | null;
  /** I4: who joins is confirmed by the owner first. */
  confirmation: Flag;
  /** RailSettings last applied, as JSON; null: none were. */
  settings: string | null;
  audit_sequence: number;
  audit_hash: string;
  /** Grows with sightings, which the snapshot shows though they move no revision. */
  sightings: number;
  /** Bytes of the values of all versions of secrets, those in the trash included (P3). */
  stored_bytes: number;
  created_at: number;
  /** M5: up to when ends of access were written into the audit log, in milliseconds. */
  ends_noted_until: number;
}

/** Rail 10 and rail 12: outside revision and audit. One row a vault. */
export interface LeaseTable {
  vault_id: string;
  manager: string | null;
  installation: string | null;
  /** Grows with every new holder, kept when the lease is given back. */
  fencing: number;
  expires_at: number;
  /** The installation of the same manager that waits for the lease, until `yield_until`. */
  yield_to: string | null;
  yield_until: number;
  holder: LeaseHolder;
  /** When the installation came to it. */
  since: number;
  /** The operator that made room for a command line, and has it back after it. */
  lent_by: string | null;
  /** The operator that was refused last, with its manager, and when. */
  asked_manager: string | null;
  asked_by: string | null;
  asked_at: number;
  freeze_by: string | null;
  freeze_reason: string | null;
  freeze_at: number | null;
  /** Explicit suspensions wait too. */
  freeze_all: 0 | 1;
}

/** Rail 10: the number under which each manager held the lease last. */
export interface LeaseNumberTable {
  vault_id: string;
  manager: string;
  fencing: number;
}

/** P4: a plan is tried once an account. */
export interface TrialTable {
  account_id: string;
  plan: string;
  started_at: number;
}

/** O2: what is left of a deleted vault, with the head that its audit log ended with. */
export interface DeletedVaultTable {
  vault_id: string;
  display_name: string;
  /** User name. */
  deleted_by: string;
  deleted_at: number;
  audit_epoch: string;
  audit_sequence: number;
  audit_hash: string;
}

export interface MigrationTable {
  number: number;
  name: string;
  applied_at: number;
}

export interface VaultTables {
  vaults: VaultTable;
  leases: LeaseTable;
  lease_numbers: LeaseNumberTable;
  trials: TrialTable;
  deleted_vaults: DeletedVaultTable;
  migrations: MigrationTable;
}
