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
