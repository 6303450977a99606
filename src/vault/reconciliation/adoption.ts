/**
 * What a step adopts, as the vault finds it: a machine, or a project with secrets, that no manager has a record of. The
 * same as planning judges, `planning/adoptions.ts`.
 */
import type { Adopted } from '#model/adoption.ts';
import type { StepRequest } from '#protocol/management.ts';
import type { Act } from '../act/context.ts';
import { accessOfMachine, findMachine } from '../machines/machines.ts';
import type { Subject } from '../managed/records.ts';
import { findProject, secretNames } from '../projects/projects.ts';

/** As it is before the step runs; null: nothing that gives access. The caller found that no manager has a record of it. */
export async function adoptedBy(
  act: Act,
  { record }: Pick<StepRequest, 'record'>,
  { kind, key }: Subject,
): Promise<Adopted | null> {
  if (kind === 'MachineBinding') {
    const machine = await findMachine(act.db, act.vault.id, key);
    return machine === undefined ? null : { kind, key, access: await accessOfMachine(act, machine) };
  }
  if (kind !== 'Project' || record == null) return null;
  const project = await findProject(act, key);
  return project === undefined ? null : { kind, key, secrets: (await secretNames(act, project.id)).length };
}
