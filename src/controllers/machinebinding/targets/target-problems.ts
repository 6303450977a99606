/** Why a target does not hold its values, and what to do about it. Pure. */
import type { SyncedMachine } from '#provider/provider.ts';
import { type PartOutcome, stalled, waiting } from '../part-outcome.ts';
import type { Selection, TargetSpec } from './selection.ts';

export function conflict(name: string): PartOutcome {
  return stalled(
    'SecretConflict',
    `Secret ${name} is not this binding's; it is not overwritten. Delete it, or choose another name for the target`,
    60_000,
  );
}

export function unavailable(target: TargetSpec, { unavailable: entries }: Selection): PartOutcome {
  const at = `Secret ${target.secretName}: `;
  const first = entries[0];
  if (first === undefined) throw new Error('nothing is unavailable');
  const rest = entries.length > 1 ? ` (and ${entries.length - 1} more)` : '';
  const secret = `${first.project}/${first.secret}`;
  switch (first.why) {
    case 'SecretMissing':
      return waiting(
        'SecretMissing',
        `${at}the vault has no secret ${secret}${rest}; create it in the vault`,
      );
    case 'NotGranted':
      return waiting(
        'WaitingForGrants',
        `${at}the machine is not granted ${secret}${rest}; name it in spec.projects of this binding`,
      );
    case 'InvalidKey':
      return stalled('InvalidSpec', `${at}${first.key} cannot be a key of a Secret${rest}; set data[].key`);
    case 'DuplicateKey':
      return stalled('InvalidSpec', `${at}the key ${first.key} is named twice${rest}; set data[].key`);
  }
}

export function refusalOf({ error }: SyncedMachine): PartOutcome | undefined {
  switch (error) {
    case null:
      return undefined;
    case 'Disabled':
      return stalled('MachineDisabled', 'the vault answers no values: the machine is disabled there');
    default:
      return stalled('SyncRefused', `the vault answers no values for the machine (${error})`, 60_000);
  }
}

export function worst(problems: readonly PartOutcome[]): PartOutcome | undefined {
  const first = problems.find(({ is }) => is === 'stalled') ?? problems[0];
  if (first === undefined || first.is === 'done' || problems.length === 1) return first;
  return { ...first, message: `${first.message} (${problems.length - 1} more targets wait)` };
}

/** Granted as far as is known, and left out of the vault's answer all the same; with the vault's reasons, if it has some. */
export function notAnswered(
  name: string,
  missing: readonly { readonly key: string; readonly reason: string | undefined }[],
): PartOutcome {
  const keys = missing.map(({ key, reason }) => (reason === undefined ? key : `${key} (${reason})`));
  return stalled(
    'SyncRefused',
    `Secret ${name}: the vault does not answer the values of ${keys.join(', ')}`,
    60_000,
  );
}
