/** Answers to writes of people, kept under their idempotency keys (V1); `vault_id` is empty outside of a vault. */
export const PEOPLE_ANSWERS = [
  `create table people_answers (
    account_id text not null references accounts (id) on delete cascade, vault_id text not null,
    key_hash text not null, request_hash text not null, acts text not null, answer text,
    expires_at bigint not null, primary key (account_id, vault_id, key_hash))`,
  'create index people_answers_expiry on people_answers (expires_at)',
];
