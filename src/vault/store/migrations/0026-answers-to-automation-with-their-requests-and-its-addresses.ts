/**
 * Answers to writes of automation, and where it may ask from. Answers to steps are kept with whose they are and what
 * was asked (V1). Of those kept before neither is known: both are empty, and for the rest of their 24 hours nothing is
 * answered or run under their keys.
 */
export const ANSWERS_AND_ADDRESSES = [
  `create table answers_of_steps (
    vault_id text not null references vaults (id) on delete cascade, automation_id text not null,
    key text not null, request_hash text not null, answer text not null, expires_at bigint not null,
    primary key (vault_id, automation_id, key))`,
  `insert into answers_of_steps (vault_id, automation_id, key, request_hash, answer, expires_at)
    select vault_id, '', key, '', answer, expires_at from kept_answers`,
  'drop table kept_answers',
  'alter table answers_of_steps rename to kept_answers',
  'create index kept_answers_expiry on kept_answers (expires_at)',
  `create table automation_answers (
    automation_id text not null references automations (id) on delete cascade, key_hash text not null,
    request_hash text not null, answer text not null, expires_at bigint not null,
    primary key (automation_id, key_hash))`,
  'create index automation_answers_expiry on automation_answers (expires_at)',
  // V9: the addresses that an identity may ask from.
  'alter table automations add column bound_addresses text',
];
