/** Vaults as people have them: personal or an organization, on a plan that may lapse. */
export const VAULT_KINDS = [
  `alter table vaults add column kind text not null default 'Organization'`,
  'alter table vaults add column plan_until bigint',
  'alter table vaults add column lapsed_at bigint',
  'alter table vaults add column confirmation integer not null default 0',
  `create table trials (
    account_id text not null references accounts (id) on delete cascade, plan text not null,
    started_at bigint not null, primary key (account_id, plan))`,
  // No reference to vaults: it is what is left of one.
  `create table deleted_vaults (
    vault_id text primary key, display_name text not null, deleted_by text not null, deleted_at bigint not null,
    audit_epoch text not null, audit_sequence bigint not null, audit_hash text not null)`,
];

export const OWNERSHIP_OFFERS = [
  `create table ownership_offers (
    vault_id text primary key references vaults (id) on delete cascade,
    member_id text not null references members (id) on delete cascade,
    offered_by text not null references members (id) on delete cascade,
    offered_at bigint not null, expires_at bigint not null)`,
  'create index ownership_offers_member on ownership_offers (member_id)',
  'create index ownership_offers_owner on ownership_offers (offered_by)',
];

/** A member who has to accept again or to be confirmed, and the project keys that a rotation replaces. */
export const ROUNDS = [
  'alter table members add column awaits text',
  'alter table members add column state_after text',
  'alter table projects add column rekey_due integer not null default 0',
];

export const CONFIRMATIONS = [
  `create table confirmations (
    id text primary key, vault_id text not null references vaults (id) on delete cascade,
    member_id text not null unique references members (id) on delete cascade,
    public_key text not null, salt text not null, created_at bigint not null, expires_at bigint not null,
    failures integer not null, nonce text, nonce_until bigint not null, proven_at bigint)`,
  'create index confirmations_vault on confirmations (vault_id)',
];
