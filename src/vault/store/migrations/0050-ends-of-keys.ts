/**
 * Which installation brought a key, from where it was used last, and which keys are taken for no machine again because
 * they were ended as compromised. Of keys that are there it is not known who brought them: no installation ends them.
 */
export const ENDS_OF_KEYS = [
  'alter table machine_keys add column installation text',
  'alter table machine_keys add column last_used_from text',
  `create table compromised_keys (
    vault_id text not null references vaults (id) on delete cascade,
    fingerprint text not null, at bigint not null, primary key (vault_id, fingerprint))`,
];
