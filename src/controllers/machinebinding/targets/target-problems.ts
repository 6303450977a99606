/** Why a target does not hold its values, and what to do about it. Pure. */
import type { KubeError, MetadataOnly } from '#kube/kube.ts';
import type { SyncedMachine } from '#provider/provider.ts';
import type { TargetSpec } from '#shaping/selection.ts';
import { annotationOf } from '../marks.ts';
import { type PartOutcome, stalled, waiting } from '../part-outcome.ts';
import type { Unavailable } from './sources.ts';

/** `secret`: what is known of it. Nobody is told to delete what may be another binding's, its key perhaps. */
export function conflict(name: string, secret: MetadataOnly | undefined, binding: string): PartOutcome {
  const other = secret && annotationOf(secret, 'binding');
  const isOfAnother = other !== undefined && other !== binding;
  const what = isOfAnother
    ? `says that it is of MachineBinding ${other}; it is not overwritten. Choose another name for the target`
    : "is not this binding's; it is not overwritten. Choose another name for the target, merge into it (creationPolicy: Merge), or delete it if nobody needs it";
  return stalled('SecretConflict', `Secret ${name} ${what}`, 60_000);
}

/** Bindings that claim one name of a Secret: none of them writes it, and what is there stays. */
export function nameConflict(namespace: string, name: string, others: readonly string[]): PartOutcome {
  const told = others.map((other) => `MachineBinding ${namespace}/${other}`).join(', ');
  return stalled(
    'Conflict',
    `Secret ${name} is also claimed by ${told}; none of them writes it. Choose another name in one of them`,
  );
}

/** `isThere`: the Secret holds older values, which stay. */
export function unavailable(
  { secretName, deletionPolicy }: TargetSpec,
  entries: readonly Unavailable[],
  isThere: boolean,
): PartOutcome {
  const [first] = entries;
  if (first === undefined) throw new Error('nothing is unavailable');
  const rest = entries.length > 1 ? ` (and ${entries.length - 1} more)` : '';
  const kept = isThere && deletionPolicy !== 'Delete' ? '. The Secret keeps its last values' : '';
  switch (first.why) {
    case 'SecretMissing':
      return waiting(
        'SecretMissing',
        `Secret ${secretName}: the vault has no secret ${first.name}${rest}; create it in the vault${kept}`,
      );
    case 'NotGranted':
      return waiting(
        'WaitingForGrants',
        `Secret ${secretName}: the machine is not granted ${first.name}${rest}; name it in spec.projects of this binding${kept}`,
      );
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
  missing: readonly { readonly name: string; readonly reason: string | undefined }[],
): PartOutcome {
  const secrets = missing.map(({ name, reason }) => (reason === undefined ? name : `${name} (${reason})`));
  return stalled(
    'SyncRefused',
    `Secret ${name}: the vault does not answer the values of ${secrets.join(', ')}`,
    60_000,
  );
}

/** Whether the API server refuses the change because somebody set `immutable` on the Secret. */
function isOfImmutable({ fields, causes }: KubeError): boolean {
  return (
    causes.includes('FieldValueForbidden') &&
    fields.some((field) => field === 'data' || field === 'immutable')
  );
}

/** What the API server refuses of a target is told at the target; null: it is not about the target. */
export function refusedByServer({ secretName }: TargetSpec, error: KubeError): PartOutcome | null {
  if (error.code !== 422 && error.code !== 413 && error.code !== 400) return null;
  if (isOfImmutable(error)) {
    return stalled(
      'SecretImmutable',
      `Secret ${secretName} was made immutable, so that its values cannot follow the vault; delete it and it is made anew, or set immutable: true in the target, which then has a Secret for each content`,
      60_000,
    );
  }
  const fields = error.fields.length === 0 ? error.reason : error.fields.join(', ');
  return stalled('SecretRefused', `Secret ${secretName}: the API server refuses it (${fields})`, 60_000);
}

/** A type of a Secret never changes: one of ours is made anew. */
export function isOfType({ code, fields }: KubeError): boolean {
  return code === 422 && fields.includes('type');
}
