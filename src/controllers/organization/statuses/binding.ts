import type { MachineProject, OrganizationState } from '#model/organization.ts';
import type { DesiredMachine } from '#planning/plan-types.ts';
import type { Resource } from '../../resources.ts';
import { Conditions, present, type StatusDraft } from './draft.ts';
import type { Problem } from './problems.ts';

/** The other conditions of a binding, Ready among them, are the binding pass's. */
const OWNED = ['Registered', 'Granted'];

export function bindingStatusOf(
  object: Resource<'MachineBinding'>,
  declared: DesiredMachine | undefined,
  observed: OrganizationState,
  problem: Problem | undefined,
  now: number,
): StatusDraft {
  const machine = observed.machines.find((candidate) => candidate.name === object.spec.machineName);
  const conditions = new Conditions(object, OWNED, now);
  // After a restart nothing is offered yet: until then the key counts that the binding pass said is mounted.
  const fingerprint = declared?.key?.fingerprint ?? mountedFingerprint(object);
  if (
    machine !== undefined &&
    fingerprint !== undefined &&
    machine.keys.some((key) => key.fingerprint === fingerprint)
  )
    conditions.set('Registered', true, 'Succeeded');
  else if (problem !== undefined) conditions.set('Registered', false, problem.reason, problem.message);
  else if (fingerprint === undefined)
    conditions.set('Registered', false, 'WaitingForKey', 'No key is staged in the cluster yet.');
  else conditions.set('Registered', false, 'WaitingForRegistration', 'The key is staged.');

  const wanted = declared?.fields.access ?? [];
  const granted = machine !== undefined && declared !== undefined && sameAccess(machine.access, wanted);
  if (granted && !machine.enabled && object.spec.suspend !== true)
    conditions.set(
      'Granted',
      false,
      problem?.reason ?? 'MachineDisabled',
      problem?.message ?? 'The machine is disabled.',
    );
  else if (granted) conditions.set('Granted', true, 'Succeeded');
  else conditions.set('Granted', false, problem?.reason ?? 'WaitingForGrants', problem?.message ?? '');
  return {
    ...present({
      machineId: machine?.id,
      grantedSecrets: machine?.access.reduce((sum, project) => sum + project.secrets.length, 0),
    }),
    conditions: conditions.list,
  };
}

function mountedFingerprint({ status }: Resource<'MachineBinding'>): string | undefined {
  return (status as { readonly fingerprint?: string } | undefined)?.fingerprint;
}

/** Both are sorted by project, and their secrets too. A project without a secret gives nothing. */
function sameAccess(a: readonly MachineProject[], b: readonly MachineProject[]): boolean {
  const text = (access: readonly MachineProject[]): string =>
    JSON.stringify(access.map(({ project, secrets }) => [project, secrets]));
  return text(a) === text(b);
}
