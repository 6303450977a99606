/**
 * What an identity may give beside what it may lose; the managers that it acts for; where machines that it registers
 * are taken from. A machine is registered by a manager: whoever follows an identity finds its machines.
 */
export const GAINS_AND_MANAGERS = [
  // JSON of what the owner set; what is not in it has its default.
  "alter table automations add column gain_budgets text not null default '{}'",
  `update automations set gain_budgets = '{"machinesPerHour":' || machines_per_hour || '}'
    where machines_per_hour is not null`,
  'alter table automations drop column machines_per_hour',
  'alter table automations add column managers text',
  'alter table automations add column bound_machine_addresses text',
  `create table delegated_gains (
    id text primary key, automation_id text not null references automations (id) on delete cascade,
    class text not null, units integer not null, at bigint not null, claimed integer not null)`,
  'create index delegated_gains_window on delegated_gains (automation_id, at)',
  `insert into delegated_gains (id, automation_id, class, units, at, claimed)
    select 'gain_' || machine_id, automation_id, 'machines', 1, at, 0 from automation_registrations`,
  'drop index automation_registrations_hour',
  "alter table automation_registrations add column manager text not null default ''",
  `update automation_registrations set manager = coalesce((
    select records.manager from records
      join machines on machines.vault_id = records.vault_id and machines.name = records.key
      where machines.id = automation_registrations.machine_id and records.kind = 'MachineBinding'), '')`,
];
