/**
 * The tables of the vault server as Kysely sees them. The SQL is in `migrations.ts`; a test holds the two
 * against each other. Portable to PostgreSQL: times are integers in milliseconds, flags are 0 or 1, JSON and
 * keys are text.
 */
import type { OutgoingTables } from './outgoing-schema.ts';

export type { AlertNoticeTable, DeliveryTable, IntegrationTable, MailTable } from './outgoing-schema.ts';

import type { Generated } from 'kysely';
import type {
  AccountEventTable,
  AccountTokenTable,
  PasskeyChallengeTable,
  PasskeyTable,
  ProvenBy,
  RecoveryCodeTable,
  SecondFactorTable,
} from './sign-in-tables.ts';

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
  freeze_by: string | null;
  freeze_reason: string | null;
  freeze_at: number | null;
}

export interface AccountTable {
  id: string;
  /** Lower case, unique. */
  email: string;
  user_name: string;
  /** PHC string of Argon2id. */
  password_hash: string;
  /** An invite attaches only to a verified address (I1); null: not verified. */
  email_verified_at: number | null;
  /** Grows when what proves the person changes: a proof that was begun before counts no more. */
  credentials: Generated<number>;
  created_at: number;
}

/** Sessions of people; the token is stored hashed (V5). */
export interface SessionTable {
  token_hash: string;
  account_id: string;
  /** A session is bound to one vault at a time; null: none chosen. */
  vault_id: string | null;
  created_at: number;
  expires_at: number;
  /** When the person last proved who they are, and by what. */
  proven_at: number;
  proven_by: ProvenBy;
  /** What its person names it by; the token's hash is not shown. */
  id: string;
  /** To about five minutes. */
  last_seen_at: number;
  /** The address and the program that it was opened from. */
  source: string;
  user_agent: string;
}

export interface MemberTable {
  id: string;
  vault_id: string;
  /** Null until the person joined. */
  account_id: string | null;
  email: string;
  user_name: string | null;
  role: 'Owner' | 'Admin' | 'Member';
  /** Suspended while the member awaits something, so that nobody who looks here alone lets them in. */
  state: 'Invited' | 'Active' | 'Suspended';
  /** What has to happen before `state_after` holds (O5, I4); null: nothing. */
  awaits: 'Reacceptance' | 'Confirmation' | null;
  state_after: 'Active' | 'Suspended' | null;
  template_id: string | null;
  /** JSON list of project ids; null: the template's own scope. */
  project_scope: string | null;
  created_at: number;
  joined_at: number | null;
}

/** I2. One a member while the member is Invited. */
export interface InviteTable {
  id: string;
  vault_id: string;
  member_id: string;
  sent_at: number;
  expires_at: number;
  attempts: number;
  /** Account of the person who sent it; null: automation did. */
  invited_by: string | null;
}

/** O3: one open offer a vault. */
export interface OwnershipOfferTable {
  vault_id: string;
  member_id: string;
  /** The owner who made it. */
  offered_by: string;
  offered_at: number;
  expires_at: number;
}

/** I4: the public half of the key that a code gives; one a member. */
export interface ConfirmationTable {
  id: string;
  vault_id: string;
  member_id: string;
  /** Standard base64 of the raw 32-byte Ed25519 key. */
  public_key: string;
  /** Standard base64 of 16 bytes. */
  salt: string;
  created_at: number;
  expires_at: number;
  /** Proofs that did not verify. */
  failures: number;
  /** Of the open challenge. */
  nonce: string | null;
  nonce_until: number;
  proven_at: number | null;
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

export interface GrantTable {
  member_id: string;
  project_id: string;
  access: 'Read' | 'Write';
}

export interface GroupTable {
  id: string;
  vault_id: string;
  name: string;
  created_at: number;
}

/** Invitees are members of the table too, so a group may list them before they join (G2). */
export interface GroupMemberTable {
  group_id: string;
  member_id: string;
}

export interface GroupGrantTable {
  group_id: string;
  project_id: string;
  access: 'Read' | 'Write';
}

export interface TemplateTable {
  id: string;
  vault_id: string;
  name: string;
  description: string;
  /** JSON: category to list of cells. */
  capabilities: string;
  /** JSON: "All" or a list of project ids. */
  project_scope: string;
  /** Since when nobody new is given it; null: it is given. */
  archived_at: number | null;
}

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
  /** The vault's secret revision when the current version was set. */
  revision: number;
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
  created_at: number;
  last_used_at: number | null;
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
}

/** Nonces of verified requests; the subject is `machine:<id>`, `automation:<id>` or `sync:<machine id>`. */
export interface NonceTable {
  subject: string;
  nonce: string;
  expires_at: number;
}

/** V4. */
export interface AutomationTable {
  id: string;
  vault_id: string;
  name: string;
  /** Standard base64 of the raw 32-byte Ed25519 key. */
  public_key: string;
  /** JSON list of abilities. */
  abilities: string;
  /** JSON: loss class to units in seven days. */
  ceilings: string;
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
}

export interface AuditTable {
  vault_id: string;
  sequence: number;
  id: string;
  at: number;
  action: string;
  /** Canonical JSON (RFC 8785) of the whole entry: what the digest is over. */
  entry: string;
  digest: string;
  hash: string;
}

/** The Ed25519 key that signs a vault's audit heads (A3). None while the server has been sealed all along. */
export interface AuditKeyTable {
  vault_id: string;
  /** Standard base64 of the raw 32 bytes. */
  public_key: string;
  /** The private half (PKCS#8), wrapped by the root key. */
  wrapped_key: string;
  root_key_id: string;
  created_at: number;
}

/** Answers kept under their idempotency key for 24 h. */
export interface KeptAnswerTable {
  vault_id: string;
  key: string;
  answer: string;
  expires_at: number;
}

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
}

/** An approval is used once for each class of losses and each step that it releases. */
export interface ApprovalUseTable {
  approval_id: string;
  /** A loss class, or the hash of a step that is no loss. */
  purpose: string;
}

/** Failed authentications of an identity from an address (V7), where replicas count together. */
export interface LockoutTable {
  plane: 'machine' | 'enrollment' | 'bootstrap' | 'automation' | 'people';
  identity: string;
  source: string;
  failures: number;
  /** When the window of these failures began, and when the last one came. */
  since: number;
  last: number;
}

/** The last poll of a machine from an address, where replicas count together. */
export interface PollFloorTable {
  machine_id: string;
  source: string;
  at: number;
}

export interface MigrationTable {
  number: number;
  name: string;
  applied_at: number;
}

export interface Database extends OutgoingTables {
  vaults: VaultTable;
  leases: LeaseTable;
  accounts: AccountTable;
  sessions: SessionTable;
  second_factors: SecondFactorTable;
  recovery_codes: RecoveryCodeTable;
  passkeys: PasskeyTable;
  passkey_challenges: PasskeyChallengeTable;
  account_tokens: AccountTokenTable;
  account_events: AccountEventTable;
  members: MemberTable;
  invites: InviteTable;
  ownership_offers: OwnershipOfferTable;
  confirmations: ConfirmationTable;
  trials: TrialTable;
  deleted_vaults: DeletedVaultTable;
  grants: GrantTable;
  groups: GroupTable;
  group_members: GroupMemberTable;
  group_grants: GroupGrantTable;
  templates: TemplateTable;
  projects: ProjectTable;
  secrets: SecretTable;
  secret_versions: SecretVersionTable;
  secret_policies: SecretPolicyTable;
  machines: MachineTable;
  machine_keys: MachineKeyTable;
  enrollment_tokens: EnrollmentTokenTable;
  bootstrap_tokens: BootstrapTokenTable;
  ip_allowlists: IpAllowlistTable;
  machine_projects: MachineProjectTable;
  machine_secrets: MachineSecretTable;
  machine_polls: MachinePollTable;
  nonces: NonceTable;
  automations: AutomationTable;
  audit_entries: AuditTable;
  audit_keys: AuditKeyTable;
  kept_answers: KeptAnswerTable;
  records: RecordTable;
  tombstones: TombstoneTable;
  ledger: LedgerTable;
  reservations: ReservationTable;
  reserved_steps: ReservedStepTable;
  held_steps: HeldStepTable;
  approvals: ApprovalTable;
  approval_uses: ApprovalUseTable;
  lockouts: LockoutTable;
  poll_floors: PollFloorTable;
  migrations: MigrationTable;
}
