/** Migrations in order; one that was released is never edited. The SQL runs on SQLite and PostgreSQL alike. */
import { GROUPS, TEMPLATE_ARCHIVE } from './access-migration.ts';
import { ENROLLMENT } from './migrations/0004-enrollment.ts';
import { BOOTSTRAP } from './migrations/0005-bootstrap.ts';
import { GUARDRAILS } from './migrations/0006-guardrails.ts';
import { IP_ALLOWLIST } from './migrations/0007-ip-allowlist.ts';
import { PROOF } from './migrations/0009-proofs-of-people.ts';
import { MAIL } from './migrations/0010-mail.ts';
import { PEOPLE_MAIL } from './migrations/0011-mail-between-people.ts';
import { NOTICES } from './migrations/0012-notices.ts';
import { SECRET_LIFE } from './migrations/0021-the-life-of-secrets.ts';
import { POLICIES } from './migrations/0022-policies.ts';
import { AUTOMATION } from './migrations/0023-bounds-and-keys-of-automation.ts';
import { PEOPLE_ANSWERS } from './migrations/0024-answers-to-people.ts';
import { TOMBSTONES_BY_ACT } from './migrations/0025-tombstones-by-act.ts';
import {
  AUTOMATION_ADDRESSES,
  KEPT_ANSWERS,
} from './migrations/0026-answers-to-automation-with-their-requests-and-its-addresses.ts';
import { MAKERS } from './migrations/0027-makers-of-tokens-and-keys.ts';
import { CONFIRMATIONS, OWNERSHIP_OFFERS, ROUNDS, VAULT_KINDS } from './organizations-migration.ts';
import { ACCOUNT_CHANGES, SIGN_IN } from './sign-in-migration.ts';

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly statements: readonly string[];
}

const FIRST_TABLES = [
  `create table vaults (
    id text primary key, epoch text not null, revision bigint not null, secret_revision bigint not null,
    display_name text not null, plan text not null, settings text,
    audit_sequence bigint not null, audit_hash text not null, created_at bigint not null)`,
  `create table leases (
    vault_id text primary key references vaults (id) on delete cascade,
    manager text, installation text, fencing bigint not null, expires_at bigint not null,
    yield_to text, yield_until bigint not null, freeze_by text, freeze_reason text, freeze_at bigint)`,
  `create table accounts (
    id text primary key, email text not null unique, user_name text not null, password_hash text not null,
    email_verified_at bigint, created_at bigint not null)`,
  `create table sessions (
    token_hash text primary key, account_id text not null references accounts (id) on delete cascade,
    vault_id text references vaults (id) on delete cascade, created_at bigint not null, expires_at bigint not null)`,
  'create index sessions_account on sessions (account_id, vault_id)',
  `create table templates (
    id text primary key, vault_id text not null references vaults (id) on delete cascade, name text not null,
    description text not null, capabilities text not null, project_scope text not null, unique (vault_id, name))`,
  `create table members (
    id text primary key, vault_id text not null references vaults (id) on delete cascade,
    account_id text references accounts (id), email text not null, user_name text, role text not null,
    state text not null, template_id text references templates (id), project_scope text,
    created_at bigint not null, joined_at bigint, unique (vault_id, email))`,
  'create index members_account on members (account_id)',
  'create index members_email on members (email)',
  'create index members_template on members (template_id)',
  `create unique index members_one_owner on members (vault_id) where role = 'Owner'`,
  `create table invites (
    id text primary key, vault_id text not null references vaults (id) on delete cascade,
    member_id text not null unique references members (id) on delete cascade,
    sent_at bigint not null, expires_at bigint not null, attempts integer not null)`,
  `create table projects (
    id text primary key, vault_id text not null references vaults (id) on delete cascade, name text not null,
    description text not null, wrapped_key text, root_key_id text, created_at bigint not null, deleted_at bigint)`,
  'create unique index projects_name on projects (vault_id, name) where deleted_at is null',
  `create table grants (
    member_id text not null references members (id) on delete cascade,
    project_id text not null references projects (id) on delete cascade,
    access text not null, primary key (member_id, project_id))`,
  'create index grants_project on grants (project_id)',
  `create table secrets (
    id text primary key, vault_id text not null references vaults (id) on delete cascade,
    project_id text not null references projects (id) on delete cascade, name text not null,
    current_version integer not null, field_names text, revision bigint not null,
    created_at bigint not null, deleted_at bigint)`,
  'create unique index secrets_name on secrets (project_id, name) where deleted_at is null',
  'create index secrets_revision on secrets (vault_id, revision)',
  `create table secret_versions (
    secret_id text not null references secrets (id) on delete cascade, version integer not null,
    wrapped_key text not null, sealed text not null, created_at bigint not null, primary key (secret_id, version))`,
  `create table machines (
    id text primary key, vault_id text not null references vaults (id) on delete cascade, name text not null,
    approved integer not null, enabled integer not null, disabled_at bigint, created_at bigint not null,
    unique (vault_id, name))`,
  `create table machine_keys (
    vault_id text not null references vaults (id) on delete cascade, fingerprint text not null,
    machine_id text not null references machines (id) on delete cascade, public_key text not null,
    created_at bigint not null, last_used_at bigint, primary key (vault_id, fingerprint))`,
  'create index machine_keys_machine on machine_keys (machine_id)',
  `create table machine_projects (
    machine_id text not null references machines (id) on delete cascade,
    project_id text not null references projects (id) on delete cascade, primary key (machine_id, project_id))`,
  'create index machine_projects_project on machine_projects (project_id)',
  `create table machine_secrets (
    machine_id text not null references machines (id) on delete cascade,
    secret_id text not null references secrets (id) on delete cascade, primary key (machine_id, secret_id))`,
  'create index machine_secrets_secret on machine_secrets (secret_id)',
  `create table machine_polls (
    machine_id text not null references machines (id) on delete cascade,
    secret_id text not null references secrets (id) on delete cascade, version integer not null,
    primary key (machine_id, secret_id))`,
  'create index machine_polls_secret on machine_polls (secret_id)',
  `create table nonces (
    subject text not null, nonce text not null, expires_at bigint not null, primary key (subject, nonce))`,
  'create index nonces_expiry on nonces (expires_at)',
  `create table automations (
    id text primary key, vault_id text not null references vaults (id) on delete cascade, name text not null,
    public_key text not null, abilities text not null, ceilings text not null,
    created_at bigint not null, expires_at bigint, revoked_at bigint)`,
  'create index automations_vault on automations (vault_id)',
  `create table audit_entries (
    vault_id text not null references vaults (id) on delete cascade, sequence bigint not null,
    id text not null unique, at bigint not null, action text not null, entry text not null,
    digest text not null, hash text not null, primary key (vault_id, sequence))`,
  `create table kept_answers (
    vault_id text not null references vaults (id) on delete cascade, key text not null,
    answer text not null, expires_at bigint not null, primary key (vault_id, key))`,
  'create index kept_answers_expiry on kept_answers (expires_at)',
  `create table records (
    vault_id text not null references vaults (id) on delete cascade, kind text not null, key text not null,
    manager text not null, origin text not null, applied text not null, deletion_policy text,
    provenance text not null, seen_under text, primary key (vault_id, kind, key))`,
  `create table tombstones (
    vault_id text not null references vaults (id) on delete cascade, entry text not null, kind text not null,
    key text not null, act text not null, item text not null, actor text not null, at bigint not null,
    primary key (vault_id, kind, key, entry, item))`,
  `create table ledger (
    vault_id text not null references vaults (id) on delete cascade, entry text not null, class text not null,
    units integer not null, at bigint not null, step_hash text not null, approved integer not null,
    ceiling_of text, primary key (vault_id, entry))`,
  'create index ledger_window on ledger (vault_id, class, at)',
  `create table reservations (
    id text primary key, vault_id text not null references vaults (id) on delete cascade, class text not null,
    digest text not null, approved integer not null, ceiling_of text,
    created_at bigint not null, expires_at bigint not null)`,
  'create index reservations_vault on reservations (vault_id, class)',
  `create table reserved_steps (
    reservation_id text not null references reservations (id) on delete cascade, step_hash text not null,
    units integer not null, primary key (reservation_id, step_hash))`,
  'create index reserved_steps_hash on reserved_steps (step_hash)',
  `create table approvals (
    id text primary key, vault_id text not null references vaults (id) on delete cascade, via text not null,
    digest text not null, approver text not null, reason text not null,
    at bigint not null, expires_at bigint not null, used_at bigint)`,
  'create index approvals_vault on approvals (vault_id, digest)',
  `create table approval_uses (
    approval_id text not null references approvals (id) on delete cascade, purpose text not null,
    primary key (approval_id, purpose))`,
];

const HELD_LOSSES = [
  `create table held_steps (
    vault_id text not null references vaults (id) on delete cascade, class text not null,
    step_hash text not null, primary key (vault_id, class, step_hash))`,
];

const AUDIT_KEYS = [
  `create table audit_keys (
    vault_id text primary key references vaults (id) on delete cascade, public_key text not null,
    wrapped_key text not null, root_key_id text not null, created_at bigint not null)`,
];

const REPLICAS = [
  // What is kept for a revision and is outside of it: counted, so that every replica builds its snapshot anew.
  'alter table vaults add column sightings bigint not null default 0',
  `create table lockouts (
    plane text not null, identity text not null, source text not null, failures integer not null,
    since bigint not null, last bigint not null, primary key (plane, identity, source))`,
  'create index lockouts_last on lockouts (last)',
  `create table poll_floors (
    machine_id text not null, source text not null, at bigint not null, primary key (machine_id, source))`,
  'create index poll_floors_at on poll_floors (at)',
];

export const MIGRATIONS: readonly Migration[] = [
  { number: 1, name: 'first tables', statements: FIRST_TABLES },
  { number: 2, name: 'held losses', statements: HELD_LOSSES },
  { number: 3, name: 'keys that sign audit heads', statements: AUDIT_KEYS },
  { number: 4, name: 'enrollment', statements: ENROLLMENT },
  { number: 5, name: 'bootstrap', statements: BOOTSTRAP },
  { number: 6, name: 'guardrails', statements: GUARDRAILS },
  { number: 7, name: 'ip allowlist', statements: IP_ALLOWLIST },
  { number: 8, name: 'replicas', statements: REPLICAS },
  { number: 9, name: 'proofs of people', statements: PROOF },
  { number: 10, name: 'mail', statements: MAIL },
  { number: 11, name: 'mail between people', statements: PEOPLE_MAIL },
  { number: 12, name: 'notices', statements: NOTICES },
  { number: 13, name: 'second factors and passkeys', statements: SIGN_IN },
  { number: 14, name: 'account changes', statements: ACCOUNT_CHANGES },
  { number: 15, name: 'vault kinds and plans', statements: VAULT_KINDS },
  { number: 16, name: 'ownership offers', statements: OWNERSHIP_OFFERS },
  { number: 17, name: 'rounds', statements: ROUNDS },
  { number: 18, name: 'confirmations', statements: CONFIRMATIONS },
  { number: 19, name: 'groups', statements: GROUPS },
  { number: 20, name: 'archive of templates', statements: TEMPLATE_ARCHIVE },
  { number: 21, name: 'the life of secrets', statements: SECRET_LIFE },
  { number: 22, name: 'policies', statements: POLICIES },
  { number: 23, name: 'bounds and keys of automation', statements: AUTOMATION },
  { number: 24, name: 'answers to people', statements: PEOPLE_ANSWERS },
  { number: 25, name: 'tombstones by act', statements: TOMBSTONES_BY_ACT },
  {
    number: 26,
    name: 'answers to automation with their requests, and its addresses',
    statements: [...KEPT_ANSWERS, ...AUTOMATION_ADDRESSES],
  },
  { number: 27, name: 'makers of tokens and keys', statements: MAKERS },
];
