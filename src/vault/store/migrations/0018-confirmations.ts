/** Members who are to be confirmed by the owner, and how far that is. */
export const CONFIRMATIONS = [
  `create table confirmations (
    id text primary key, vault_id text not null references vaults (id) on delete cascade,
    member_id text not null unique references members (id) on delete cascade,
    public_key text not null, salt text not null, created_at bigint not null, expires_at bigint not null,
    failures integer not null, nonce text, nonce_until bigint not null, proven_at bigint)`,
  'create index confirmations_vault on confirmations (vault_id)',
];
