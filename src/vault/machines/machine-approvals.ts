/** What a person decides about a machine that registered itself. */
import type { Act } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import type { MachineTable } from '../store/schema.ts';
import { checkKeys, machineNamed, revokeMachine } from './machines.ts';

/**
 * Its next request is answered; it reads nothing until it is granted something (H2). `decidedOn`: fingerprints of its
 * keys as the person knows them; null: they named none. Throws `NotFound`, `Invalid`, `StaleBefore`.
 */
export async function approveMachine(
  act: Act,
  name: string,
  decidedOn: readonly string[] | null,
): Promise<void> {
  const machine = await waiting(act, name);
  await checkKeys(act, machine, decidedOn);
  await act.db.updateTable('machines').set({ approved: 1 }).where('id', '=', machine.id).execute();
  const subject = { kind: 'MachineBinding', key: name };
  await act.audit({ action: 'machine.approved', subject, details: { id: machine.id } });
}

/** It is gone, as if it had never come: nothing was given, so nothing is cut. Throws `NotFound`, `Invalid`. */
export async function rejectMachine(act: Act, name: string): Promise<void> {
  const machine = await waiting(act, name);
  await revokeMachine(act, machine);
  const subject = { kind: 'MachineBinding', key: name };
  await act.audit({ action: 'machine.rejected', subject, details: { id: machine.id } });
}

async function waiting(act: Act, name: string): Promise<MachineTable> {
  const machine = await machineNamed(act, name);
  if (machine.approved === 1) throw refuse('Invalid', `${name} is approved already.`);
  return machine;
}
