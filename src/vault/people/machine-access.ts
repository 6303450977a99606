import type { MachineProject } from '../../model/organization.ts';
import type { Act } from '../domain/context.ts';
import { accessOfMachine, machineNamed, setMachineAccess } from '../domain/machines.ts';
import { byText } from '../domain/scope.ts';
import { authorizeAttaching } from './machine-scope.ts';
import type { Session } from './sessions.ts';

/**
 * Puts a machine into exactly these projects with exactly these secrets. The person holds Secrets: Manage in each
 * project where that changes something (H1). Throws DomainError `NotFound`, `Forbidden`, `Invalid`.
 */
export async function setAccessByPerson(
  act: Act,
  session: Session,
  name: string,
  access: readonly MachineProject[],
): Promise<void> {
  const machine = await machineNamed(act, name);
  const before = await accessOfMachine(act, machine);
  await authorizeAttaching(act, session, changedProjects(before, access));
  await setMachineAccess(act, machine, access);
  await act.audit({
    action: 'machine.access-set',
    subject: { kind: 'MachineBinding', key: name },
    details: { id: machine.id, before: plain(before), after: plain(access) },
  });
}

/** The projects in which two accesses differ, by being there or by a secret. */
function changedProjects(
  before: readonly MachineProject[],
  after: readonly MachineProject[],
): { readonly project: string }[] {
  const texts = (access: readonly MachineProject[]) =>
    new Map(access.map(({ project, secrets }) => [project, JSON.stringify(secrets.toSorted(byText))]));
  const [had, has] = [texts(before), texts(after)];
  const names = [...new Set([...had.keys(), ...has.keys()])];
  return names.filter((name) => had.get(name) !== has.get(name)).map((project) => ({ project }));
}

function plain(access: readonly MachineProject[]) {
  return access.map(({ project, secrets }) => ({ project, secrets: [...secrets] }));
}
