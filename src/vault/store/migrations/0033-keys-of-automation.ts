/**
 * By whom a key of a machine came, and where it is answered from. Of machines that automation registered before, the
 * manager is that of their record; their keys are bound when the owner next changes a bound of the identity.
 */
export const KEYS_OF_AUTOMATION = [
  // Rail 2: the manager that brought a key of the machine; null: none did.
  'alter table machines add column keyed_by text',
  'alter table machine_keys add column automation_id text',
  // V4: JSON list of CIDR ranges; null: anywhere.
  'alter table machine_keys add column addresses text',
  'create index machine_keys_by_automation on machine_keys (automation_id)',
  // What the mail says first of all about an act.
  'alter table alert_notices add column urgency text',
  `update machines set keyed_by = (
    select records.manager from records
      where records.vault_id = machines.vault_id and records.kind = 'MachineBinding' and records.key = machines.name)
    where id in (select machine_id from automation_registrations)`,
  `update machine_keys set automation_id = (
    select automation_registrations.automation_id from automation_registrations
      where automation_registrations.machine_id = machine_keys.machine_id)
    where maker is null`,
];
