/**
 * Each request of a machine writes a nonce: by its key alone it is one place in the file, with a row number of SQLite's
 * two. What was there stays, because it may be replayed still.
 */
export const NONCES_BY_THEIR_KEY = [
  `create table nonces_by_key (
    subject text not null, nonce text not null, expires_at bigint not null, primary key (subject, nonce)) without rowid`,
  'insert into nonces_by_key (subject, nonce, expires_at) select subject, nonce, expires_at from nonces',
  'drop table nonces',
  'alter table nonces_by_key rename to nonces',
  'create index nonces_expiry on nonces (expires_at)',
];
