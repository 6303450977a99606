/**
 * Acts of people that take a grant, a cell or a machine away; each leaves a tombstone (rail 7). A machine is given
 * back here too: its tombstone goes.
 */
import type { Category } from '#model/capabilities.ts';
import { normalizeEmail } from '#model/organization.ts';
import type { Act } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import { machineNamed, revokeMachine, setEnabled } from '../machines/machines.ts';
import { bury, forgetCuts, isBuried } from '../managed/tombstones.ts';
import { checkNotOwner, memberNamed, setAccess } from '../members/members.ts';
import { templateNamed, updateTemplate } from '../templates/templates.ts';

/** G1. Throws DomainError `NotFound`, `Floor`. */
export async function removeGrantByPerson(act: Act, address: string, project: string): Promise<void> {
  const email = normalizeEmail(address);
  const { row, access } = await memberNamed(act, email);
  checkNotOwner(email, row.role);
  const grants = access.grants.filter((grant) => grant.project !== project);
  if (grants.length === access.grants.length) {
    throw refuse('NotFound', `${email} has no grant in ${project}.`);
  }
  await setAccess(act, row, { ...access, grants });
  const subject = { kind: 'Member', key: email } as const;
  const entry = await act.audit({ action: 'member.grant-removed', subject, details: { project } });
  await bury(act, entry, { ...subject, act: 'GrantRemoved', item: project });
}

/** T2. `cell` is `Category: Cell`. Throws DomainError `NotFound`. */
export async function removeCellByPerson(act: Act, name: string, cell: string): Promise<void> {
  const template = await templateNamed(act, name);
  const [category, short] = cell.split(': ', 2) as [Category, string | undefined];
  const cells = template.capabilities[category] ?? [];
  if (short === undefined || !cells.includes(short)) throw refuse('NotFound', `${name} has no ${cell}.`);
  const capabilities = { ...template.capabilities, [category]: cells.filter((one) => one !== short) };
  await updateTemplate(act, template.id, { ...template, capabilities });
  const subject = { kind: 'PermissionTemplate', key: name } as const;
  const entry = await act.audit({ action: 'template.cell-removed', subject, details: { cell } });
  await bury(act, entry, { ...subject, act: 'CellRemoved', item: cell });
}

/**
 * One that Git disabled, a person may disable too: it is kept that they did, and Git alone does not give it back.
 * Throws DomainError `NotFound`, `Invalid`.
 */
export async function disableMachineByPerson(act: Act, name: string): Promise<void> {
  const machine = await machineNamed(act, name);
  const subject = { kind: 'MachineBinding', key: name } as const;
  const cut = { ...subject, act: 'MachineDisabled' } as const;
  if (machine.enabled === 0 && (await isBuried(act, cut))) {
    throw refuse('Invalid', `${name} is disabled already.`);
  }
  if (machine.enabled === 1) await setEnabled(act, machine, false);
  const entry = await act.audit({ action: 'machine.disabled', subject, details: { id: machine.id } });
  await bury(act, entry, { ...cut, item: null });
}

/** Throws DomainError `NotFound`, `Invalid`. */
export async function enableMachineByPerson(act: Act, name: string): Promise<void> {
  const machine = await machineNamed(act, name);
  if (machine.enabled === 1) throw refuse('Invalid', `${name} is enabled already.`);
  if (machine.expires_at !== null && machine.expires_at <= act.now) {
    throw refuse('Invalid', `${name} is past its end.`, 'Make a new one.');
  }
  await setEnabled(act, machine, true);
  const subject = { kind: 'MachineBinding', key: name } as const;
  await act.audit({ action: 'machine.enabled', subject, details: { id: machine.id } });
  await forgetCuts(act, subject, ['MachineDisabled']);
}

/** Throws DomainError `NotFound`. */
export async function revokeMachineByPerson(act: Act, name: string): Promise<void> {
  const machine = await machineNamed(act, name);
  await revokeMachine(act, machine);
  const subject = { kind: 'MachineBinding', key: name } as const;
  const entry = await act.audit({ action: 'machine.revoked', subject, details: { id: machine.id } });
  await bury(act, entry, { ...subject, act: 'MachineRevoked', item: null });
}
