/** Whose the lease is, since when, who lent it and who was refused; and the last number of each manager (rail 10). */
export const LEASES_OF_INSTALLATIONS = [
  `alter table leases add column holder text not null default 'Operator'`,
  'alter table leases add column since bigint not null default 0',
  'alter table leases add column lent_by text',
  'alter table leases add column asked_manager text',
  'alter table leases add column asked_by text',
  'alter table leases add column asked_at bigint not null default 0',
  `create table lease_numbers (
    vault_id text not null references vaults on delete cascade,
    manager text not null,
    fencing bigint not null,
    primary key (vault_id, manager)
  )`,
  // Installations were told apart otherwise until now: whoever comes first has it.
  'update leases set installation = null, expires_at = 0',
];
