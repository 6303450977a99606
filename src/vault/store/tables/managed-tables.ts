/** The tables of what managers keep in the vault: records, cuts, and losses with their approvals; part of `schema.ts`. */
import type { Flag } from './vault-tables.ts';

export interface RecordTable {
  vault_id: string;
  kind: string;
  key: string;
  manager: string;
  origin: string;
  applied: string;
  deletion_policy: string | null;
  provenance: string;
  seen_under: string | null;
  /** JSON of `Approved`. */
  approved: string | null;
  /** The line `renamedFrom` that was answered last; null: none was. */
  renamed_from: string | null;
}

/** Names that are their origin's alone for a while. */
export interface FormerNameTable {
  vault_id: string;
  kind: string;
  key: string;
  manager: string;
  origin: string;
  until: number;
}

/** Rail 7. One entry may cut several items; `item` is the empty text where the act is about the whole. */
export interface TombstoneTable {
  vault_id: string;
  entry: string;
  kind: string;
  key: string;
  act: string;
  item: string;
  actor: string;
  at: number;
  /** By a person's word nothing that Git names answers it. */
  final: Flag;
  /** Id of the secret or project that the act deleted; null: of another act. */
  thing: string | null;
}

/** Rail 1: losses that ran. */
export interface LedgerTable {
  vault_id: string;
  /** Id of the audit entry of the loss. */
  entry: string;
  class: string;
  units: number;
  at: number;
  step_hash: string;
  /** Under an approval, so it does not count toward the budget. */
  approved: Flag;
  /** The delegation whose ceiling it counts toward; null: approved by a person in the vault, or not by automation. */
  ceiling_of: string | null;
}

export interface ReservationTable {
  id: string;
  vault_id: string;
  class: string;
  digest: string;
  approved: Flag;
  ceiling_of: string | null;
  created_at: number;
  expires_at: number;
}

/** The steps that may still run under a reservation; a row goes when its step has run. */
export interface ReservedStepTable {
  reservation_id: string;
  step_hash: string;
  units: number;
}

/** Rail 1: losses that are held until a person approves them or Git takes one of them back. */
export interface HeldStepTable {
  vault_id: string;
  class: string;
  step_hash: string;
}

/** Rail 2: what a raise replaced, for the day in which it may be taken back. */
export interface RaiseTable {
  vault_id: string;
  /** Id of the audit entry of the raise. */
  entry: string;
  kind: string;
  key: string;
  /** As JSON. */
  before_value: string;
  /** As JSON. */
  after_value: string;
  /** Who gained what, as JSON. */
  gained: string;
  at: number;
  /** Null: it was not. */
  taken_back_at: number | null;
}

/** Approvals given by a person in the vault, and claims of PlanApprovals that were used. */
export interface ApprovalTable {
  id: string;
  vault_id: string;
  via: 'Vault' | 'PlanApproval';
  digest: string;
  approver: string;
  reason: string;
  at: number;
  expires_at: number;
  used_at: number | null;
  /** Who gave it in the vault; null: claimed of a PlanApproval. It goes with the membership. */
  member_id: string | null;
}

/** An approval is used once for each class of losses and each step that it releases. */
export interface ApprovalUseTable {
  approval_id: string;
  /** A loss class, or the hash of a step that is no loss. */
  purpose: string;
}

export interface ManagedTables {
  records: RecordTable;
  former_names: FormerNameTable;
  tombstones: TombstoneTable;
  ledger: LedgerTable;
  reservations: ReservationTable;
  reserved_steps: ReservedStepTable;
  held_steps: HeldStepTable;
  raises: RaiseTable;
  approvals: ApprovalTable;
  approval_uses: ApprovalUseTable;
}
