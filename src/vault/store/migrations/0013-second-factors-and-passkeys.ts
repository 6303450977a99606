/** Second factors, passkeys, and how the person of a session proved themselves. */
export const SIGN_IN = [
  'alter table accounts add column credentials bigint not null default 0',
  // A session of before has nothing that it could be listed by; its person signs in anew.
  'delete from sessions',
  `alter table sessions add column id text not null default ''`,
  'create unique index sessions_id on sessions (id)',
  'alter table sessions add column last_seen_at bigint not null default 0',
  `alter table sessions add column source text not null default ''`,
  `alter table sessions add column user_agent text not null default ''`,
  `alter table sessions add column proven_by text not null default 'Password'`,
  `create table second_factors (
    account_id text primary key references accounts (id) on delete cascade,
    wrapped_key text not null, root_key_id text not null, created_at bigint not null, confirmed_at bigint,
    last_step bigint not null, wrong_codes integer not null, waits_until bigint not null)`,
  `create table recovery_codes (
    account_id text not null references accounts (id) on delete cascade, code_hash text not null,
    used_at bigint, primary key (account_id, code_hash))`,
  `create table passkeys (
    id text primary key, account_id text not null references accounts (id) on delete cascade,
    credential_id text not null unique, public_key text not null, counter bigint not null,
    transports text not null, name text not null, backed_up integer not null,
    created_at bigint not null, last_used_at bigint)`,
  'create index passkeys_account on passkeys (account_id)',
  `create table passkey_challenges (
    challenge_hash text primary key, purpose text not null, bound_to text not null, expires_at bigint not null)`,
  'create index passkey_challenges_expiry on passkey_challenges (expires_at)',
  'create index passkey_challenges_bound on passkey_challenges (bound_to)',
];
