/** G1, G2: groups list members, invitees among them, by their membership: what ends it takes them off the list. */
export const GROUPS = [
  `create table groups (
    id text primary key, vault_id text not null references vaults (id) on delete cascade, name text not null,
    created_at bigint not null, unique (vault_id, name))`,
  `create table group_members (
    group_id text not null references groups (id) on delete cascade,
    member_id text not null references members (id) on delete cascade, primary key (group_id, member_id))`,
  'create index group_members_member on group_members (member_id)',
  `create table group_grants (
    group_id text not null references groups (id) on delete cascade,
    project_id text not null references projects (id) on delete cascade,
    access text not null, primary key (group_id, project_id))`,
  'create index group_grants_project on group_grants (project_id)',
];
