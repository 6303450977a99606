/** What happened to an account, and the mailed tokens by which it is changed. */
export const ACCOUNT_CHANGES = [
  `create table account_tokens (
    token_hash text primary key, account_id text not null references accounts (id) on delete cascade,
    purpose text not null, email text not null, created_at bigint not null, expires_at bigint not null)`,
  'create index account_tokens_account on account_tokens (account_id)',
  'create index account_tokens_expiry on account_tokens (expires_at)',
  `create table account_events (
    id text primary key, account_id text not null references accounts (id) on delete cascade,
    at bigint not null, action text not null, source text not null, about text)`,
  'create index account_events_account on account_events (account_id, at)',
  'create index account_events_at on account_events (at)',
  // A person is one member of a vault, whatever addresses they have had.
  'create unique index members_one_account on members (vault_id, account_id)',
];
