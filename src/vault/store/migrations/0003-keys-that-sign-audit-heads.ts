/** The key that signs the heads of a vault's audit chain. */
export const AUDIT_KEYS = [
  `create table audit_keys (
    vault_id text primary key references vaults (id) on delete cascade, public_key text not null,
    wrapped_key text not null, root_key_id text not null, created_at bigint not null)`,
];
