/** M5: when a membership, a template's assignment, a grant and a membership of a group end; null: they do not. */
export const ACCESS_ENDS = [
  'alter table members add column ends_at bigint',
  'alter table members add column template_ends_at bigint',
  'alter table grants add column ends_at bigint',
  'alter table group_members add column ends_at bigint',
  'alter table group_grants add column ends_at bigint',
  'create index members_ends_at on members (ends_at) where ends_at is not null',
  'create index members_template_ends_at on members (template_ends_at) where template_ends_at is not null',
  'create index grants_ends_at on grants (ends_at) where ends_at is not null',
  'create index group_members_ends_at on group_members (ends_at) where ends_at is not null',
  'create index group_grants_ends_at on group_grants (ends_at) where ends_at is not null',
  'alter table vaults add column ends_noted_until bigint not null default 0',
];
