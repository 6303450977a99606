import type { MachineProject } from '#model/organization.ts';
import type { DesiredMachine } from '#planning/plan-types.ts';
import type { Resource } from '../../resources.ts';
import { Conditions, present, type StatusDraft } from './draft.ts';
import type { Observed } from './observed.ts';
import type { Problem } from './problems.ts';

/** The other conditions of a binding, Ready among them, are the binding pass's. */
const OWNED = ['Registered', 'Granted', 'Stale'];

const UNTIL_GRANTED = 'Granted once the machine is registered, with the pass that does it or the next one.';

/** How many names a message lists before it counts. */
const NAMED = 5;

export function bindingStatusOf(
  object: Resource<'MachineBinding'>,
  declared: DesiredMachine | undefined,
  observed: Observed,
  problem: Problem | undefined,
  now: number,
): StatusDraft {
  const machine = observed.machines.get(object.spec.machineName);
  const conditions = new Conditions(object, OWNED, now);
  // After a restart nothing is offered yet: until then the key counts that the binding pass said is mounted.
  // While another key is to follow, pods go on by the one that is mounted.
  const offered = declared?.key?.beside ?? declared?.key?.fingerprint;
  const fingerprint = offered ?? mountedFingerprint(object);
  if (
    machine !== undefined &&
    fingerprint !== undefined &&
    machine.keys.some((key) => key.fingerprint === fingerprint)
  )
    conditions.set('Registered', true, 'Succeeded');
  else if (problem !== undefined) conditions.set('Registered', false, problem.reason, problem.message);
  else if (fingerprint === undefined)
    conditions.set(
      'Registered',
      false,
      'WaitingForKey',
      'No key is staged in the cluster yet; the operator makes one.',
    );
  else
    conditions.set(
      'Registered',
      false,
      'WaitingForRegistration',
      'The key is staged; the next pass registers it.',
    );

  const wanted = declared?.fields.access ?? [];
  const beyond = machine === undefined ? null : accessBeyond(machine.access, wanted);
  const granted = machine !== undefined && declared !== undefined && beyond !== null;
  if (granted && !machine.enabled && object.spec.suspend !== true)
    conditions.set(
      'Granted',
      false,
      problem?.reason ?? 'MachineDisabled',
      problem?.message ?? 'The machine is disabled in the vault; enable it there.',
    );
  else if (granted && beyond.length > 0)
    conditions.set(
      'Granted',
      true,
      'Foreign',
      `Granted in the vault beyond Git, and kept: ${listed(beyond)}.`,
    );
  else if (granted) conditions.set('Granted', true, 'Succeeded');
  else
    conditions.set(
      'Granted',
      false,
      problem?.reason ?? 'WaitingForGrants',
      problem?.message ?? UNTIL_GRANTED,
    );
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

/** What a machine has beyond what is wanted; null: not all that is wanted. A project without a secret gives nothing. */
function accessBeyond(
  access: readonly MachineProject[],
  wanted: readonly MachineProject[],
): readonly string[] | null {
  const [has, wants] = [new Set(itemsOf(access)), new Set(itemsOf(wanted))];
  if ([...wants].some((item) => !has.has(item))) return null;
  return [...has].filter((item) => !wants.has(item));
}

function itemsOf(access: readonly MachineProject[]): string[] {
  return access.flatMap(({ project, secrets }) => [project, ...secrets.map((name) => `${project}/${name}`)]);
}

function listed(items: readonly string[]): string {
  const more = items.length > NAMED ? ` and ${items.length - NAMED} more` : '';
  return `${items.slice(0, NAMED).join(', ')}${more}`;
}
