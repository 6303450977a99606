/**
 * What people take from a machine, each with a tombstone (rail 7); enabled again, it has everything back and its
 * tombstone goes.
 */
import type { Act } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import { clearTombstones, hasTombstone, recordTombstone } from '../managed/tombstones.ts';
import { machineNamed, revokeMachine, setEnabled } from './machines.ts';

/**
 * One that Git disabled, a person may disable too: it is kept that they did, and Git alone does not give it back.
 * Throws DomainError `NotFound`, `Invalid`.
 */
export async function disableMachineByPerson(act: Act, name: string): Promise<void> {
  const machine = await machineNamed(act, name);
  const subject = { kind: 'MachineBinding', key: name } as const;
  const revocation = { ...subject, act: 'MachineDisabled' } as const;
  if (machine.enabled === 0 && (await hasTombstone(act, revocation))) {
    throw refuse('Invalid', `${name} is disabled already.`);
  }
  if (machine.enabled === 1) await setEnabled(act, machine, false);
  const entry = await act.audit({ action: 'machine.disabled', subject, details: { id: machine.id } });
  await recordTombstone(act, entry, { ...revocation, item: null });
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
  await clearTombstones(act, subject, ['MachineDisabled']);
}

/** Throws DomainError `NotFound`. */
export async function revokeMachineByPerson(act: Act, name: string): Promise<void> {
  const machine = await machineNamed(act, name);
  await revokeMachine(act, machine);
  const subject = { kind: 'MachineBinding', key: name } as const;
  const entry = await act.audit({ action: 'machine.revoked', subject, details: { id: machine.id } });
  await recordTombstone(act, entry, { ...subject, act: 'MachineRevoked', item: null });
}
