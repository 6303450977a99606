/** Tokens by which a standard machine makes its key and registers it. */
export const BOOTSTRAP = [
  `create table bootstrap_tokens (
    id text primary key, vault_id text not null references vaults (id) on delete cascade, name text,
    token_hash text not null unique, created_by text not null, created_at bigint not null,
    expires_at bigint not null, used_at bigint)`,
  'create index bootstrap_tokens_expiry on bootstrap_tokens (expires_at)',
];
