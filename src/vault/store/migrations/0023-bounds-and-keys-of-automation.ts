/** What an automation identity is held to, its two keys, and the machines that it registered (V4). */
export const AUTOMATION = [
  `create table automation_keys (
    automation_id text not null references automations (id) on delete cascade, public_key text not null,
    created_at bigint not null, last_used_at bigint, primary key (automation_id, public_key))`,
  `insert into automation_keys (automation_id, public_key, created_at)
    select id, public_key, created_at from automations`,
  'alter table automations drop column public_key',
  'alter table automations add column created_by text',
  'alter table automations add column bound_projects text',
  'alter table automations add column machines_per_hour integer',
  // No reference to the machine: one that is gone again still counts in its hour.
  `create table automation_registrations (
    machine_id text primary key, automation_id text not null references automations (id) on delete cascade,
    at bigint not null)`,
  'create index automation_registrations_hour on automation_registrations (automation_id, at)',
];
