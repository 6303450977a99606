/**
 * Replicas share an identity: polls are remembered by the address that they come from. What was read before counts as
 * read by all, and who polls for the first time is told of what moved in the hour before.
 */
export const POLLS_BY_SOURCE = [
  'alter table secrets add column version_revision bigint not null default 0',
  'alter table secrets add column version_at bigint not null default 0',
  `update secrets set version_revision = revision, version_at = coalesce((
    select v.created_at from secret_versions v
    where v.secret_id = secrets.id and v.version = secrets.current_version), created_at)`,
  'alter table machine_polls add column is_read integer not null default 1',
  `create table poll_sources (
    machine_id text not null references machines (id) on delete cascade, source text not null,
    revision bigint, reads text not null, first_at bigint not null, last_at bigint not null, shared_at bigint,
    primary key (machine_id, source))`,
  'drop table poll_floors',
];
