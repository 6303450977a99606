/** One act may cut a grant and a scope of one member in one project: a tombstone is told apart by its act too (rail 7). */
export const TOMBSTONES_BY_ACT = [
  `create table tombstones_by_act (
    vault_id text not null references vaults (id) on delete cascade, entry text not null, kind text not null,
    key text not null, act text not null, item text not null, actor text not null, at bigint not null,
    primary key (vault_id, kind, key, entry, act, item))`,
  `insert into tombstones_by_act (vault_id, entry, kind, key, act, item, actor, at)
    select vault_id, entry, kind, key, act, item, actor, at from tombstones`,
  'drop table tombstones',
  'alter table tombstones_by_act rename to tombstones',
];
