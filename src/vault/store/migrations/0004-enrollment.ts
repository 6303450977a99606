/** Machines that end, and the tokens by which they enrol themselves. */
export const ENROLLMENT = [
  `alter table machines add column kind text not null default 'standard'`,
  'alter table machines add column expires_at bigint',
  'alter table machines add column hostname text',
  'create index machines_expiry on machines (expires_at)',
  `create table enrollment_tokens (
    id text primary key, vault_id text not null references vaults (id) on delete cascade, name text not null,
    token_hash text not null unique, scope text not null, created_by text not null, created_at bigint not null,
    expires_at bigint not null, machine_life bigint not null, max_uses integer not null, uses integer not null,
    source text, hostname_pattern text, revoked_at bigint)`,
  'create index enrollment_tokens_vault on enrollment_tokens (vault_id)',
];
