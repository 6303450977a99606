/** What a thing was called before Git renamed it, and for whom that name is kept. */
export const FORMER_NAMES = [
  'alter table records add column renamed_from text',
  `create table former_names (
    vault_id text not null references vaults (id) on delete cascade, kind text not null, key text not null,
    manager text not null, origin text not null, until bigint not null, primary key (vault_id, kind, key))`,
];
