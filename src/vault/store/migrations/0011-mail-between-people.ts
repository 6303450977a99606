/** Mail that ends by itself, people who ask for an account, and who sent an invite. */
export const PEOPLE_MAIL = [
  'alter table mails add column expires_at bigint',
  'create index mails_vault on mails (vault_id, created_at)',
  'create index mails_recipient on mails (recipient, created_at)',
  'alter table invites add column invited_by text',
  `create table sign_ups (
    token_hash text primary key, email text not null, created_at bigint not null, expires_at bigint not null)`,
  'create index sign_ups_email on sign_ups (email, expires_at)',
];
