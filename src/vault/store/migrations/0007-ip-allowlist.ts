/** The addresses that machines of a vault may ask from. */
export const IP_ALLOWLIST = [
  `create table ip_allowlists (
    vault_id text primary key references vaults (id) on delete cascade,
    enabled integer not null, entries text not null)`,
];
