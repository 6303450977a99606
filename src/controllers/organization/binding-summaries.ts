/** How the vault's side of each binding stands, read off the status that is about to be written. */
import { isReason, REASONS } from '#api/v1alpha1/conditions.ts';
import type { BindingSummary } from '../machine-registry.ts';
import type { Resource } from '../resources.ts';
import type { StatusPatch } from './statuses/statuses.ts';

/** By `namespace/name` of the MachineBinding. */
export function bindingSummaries(patches: readonly StatusPatch[]): ReadonlyMap<string, BindingSummary> {
  return new Map(
    patches
      .filter(({ kind }) => kind === 'MachineBinding')
      .map((patch) => {
        const object = patch.object as Resource<'MachineBinding'>;
        const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
        return [key, decidedState(object.spec.machineName, patch)];
      }),
  );
}

function decidedState(machineName: string, { status }: StatusPatch): BindingSummary {
  const wrong = status.conditions.filter((condition) => condition.status === 'False');
  const stalled = wrong.find(({ reason }) => isStalling(reason));
  const worst = stalled ?? wrong[0];
  if (worst === undefined) return { machineName, state: 'Settled', reason: 'Succeeded', message: '' };
  const { reason, message } = worst;
  return { machineName, state: stalled === undefined ? 'Waiting' : 'Stalled', reason, message };
}

function isStalling(reason: string): boolean {
  return !isReason(reason) || ['Held', 'Terminal', 'Auth'].includes(REASONS[reason].class);
}
