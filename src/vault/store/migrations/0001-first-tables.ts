/** What every vault has had from the beginning. */
export const FIRST_TABLES = [
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
