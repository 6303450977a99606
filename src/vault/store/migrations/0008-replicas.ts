/** What replicas of the server have to agree on: what moves beside the revision, lockouts, floors of polls. */
export const REPLICAS = [
  // What is kept for a revision and is outside of it: counted, so that every replica builds its snapshot anew.
  'alter table vaults add column sightings bigint not null default 0',
  `create table lockouts (
    plane text not null, identity text not null, source text not null, failures integer not null,
    since bigint not null, last bigint not null, primary key (plane, identity, source))`,
  'create index lockouts_last on lockouts (last)',
  `create table poll_floors (
    machine_id text not null, source text not null, at bigint not null, primary key (machine_id, source))`,
  'create index poll_floors_at on poll_floors (at)',
];
