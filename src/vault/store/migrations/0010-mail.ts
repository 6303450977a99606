/** Mail that goes out: written with the act that it tells of, sent after it. */
export const MAIL = [
  `create table mails (
    id text primary key, vault_id text references vaults (id) on delete cascade, kind text not null,
    recipient text not null, subject text not null, body text not null, created_at bigint not null,
    attempts integer not null, next_attempt_at bigint, sent_at bigint, last_error text)`,
  'create index mails_due on mails (next_attempt_at)',
];
