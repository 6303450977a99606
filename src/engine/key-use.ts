/** When keys were used, asked for those alone whose end is near: uses move no revision, so that the snapshot has none. */
import type { OrganizationState } from '#model/organization.ts';
import { sameValue } from '#model/same.ts';
import type { Desired, DesiredMachine } from '#planning/plan-types.ts';
import type { Observation } from '#provider/provider.ts';
import type { PassInput } from './pass-types.ts';

/** The observation with the last uses of those keys; itself where there are none, or none moved. */
export async function withKeyUse(
  { provider, desired, signal }: Pick<PassInput, 'provider' | 'desired' | 'signal'>,
  observation: Observation,
): Promise<Observation> {
  const { snapshot } = observation;
  const { state } = snapshot;
  const asked = keysToAsk(desired, state);
  if (asked.length === 0) return observation;
  const uses = await provider.keyUse(asked, signal);
  let moved = false;
  const machines = state.machines.map((machine) => {
    const keys = machine.keys.map((key) => ({ ...key, ...uses.get(key.fingerprint) }));
    if (sameValue(keys, machine.keys)) return machine;
    moved = true;
    return { ...machine, keys };
  });
  return moved ? { ...observation, snapshot: { ...snapshot, state: { ...state, machines } } } : observation;
}

/** Sorted fingerprints. */
function keysToAsk(desired: Desired, { machines }: Pick<OrganizationState, 'machines'>): readonly string[] {
  const declared = new Map(desired.machines.map((machine) => [machine.machineName, machine]));
  return machines
    .flatMap(({ name, keys }) => {
      const fingerprints = keys.map(({ fingerprint }) => fingerprint);
      const machine = declared.get(name);
      return machine !== undefined && needsUse(machine, fingerprints) ? fingerprints : [];
    })
    .sort();
}

/** An end waits for idleness, a machine has a key that is to go, or the cluster holds another than those that it has. */
function needsUse({ suspended, key, keyEnds }: DesiredMachine, fingerprints: readonly string[]): boolean {
  if (suspended) return false;
  if (keyEnds.some(({ idleFor, fingerprint }) => idleFor > 0 && fingerprints.includes(fingerprint)))
    return true;
  return key !== null && (fingerprints.length > 1 || !fingerprints.includes(key.fingerprint));
}
