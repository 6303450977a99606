/** What a target needs, told from the spec, the grants and the metadata of its Secret alone: no Secret is read. */
import { keyOf, type MetadataOnly } from '#kube/kube.ts';
import type { TargetSpec } from '#shaping/selection.ts';
import { keysOfSecrets } from '#shaping/shape.ts';
import type { BindingInput } from '../input.ts';
import { stagingNameOf } from '../key/key-secrets.ts';
import { annotationOf, placeOf } from '../marks.ts';
import {
  type Claim,
  claimOn,
  FIELD_MANAGER,
  isEdited,
  isSealed,
  otherOwners,
  ownKeys,
} from '../ownership.ts';
import { type PartOutcome, stalled } from '../part-outcome.ts';
import { type DeclaredTarget, declare } from './declared-target.ts';
import { targetNameOf } from './generations.ts';
import {
  type Available,
  resolve,
  type Source,
  sealedSources,
  sourceText,
  type Unavailable,
} from './sources.ts';
import { conflict, nameConflict, unavailable } from './target-problems.ts';
import type { TargetWorld } from './target-world.ts';

/** What a target may be written over; `moved` where the move is allowed. */
export type Usable = Exclude<Claim, 'foreign'>;

/** A target with the secrets that were chosen for it and the Secret that is there. */
export interface ChosenTarget {
  readonly declared: DeclaredTarget;
  readonly sources: readonly Source[];
  /** Secrets that cannot be had and whose last values stay in the Secret, by name; the others go on. */
  readonly kept: readonly Unavailable[];
  /**
   * Undefined: absent, or for the cache absent. `unproven`: written over only if it holds already what would be written.
   */
  readonly present: { readonly secret: MetadataOnly; readonly claim: Usable } | undefined;
}

type TargetCheck =
  | { readonly is: 'blocked'; readonly problem: PartOutcome }
  /** It holds its values, and nobody else changed them; or it has to be written. `lacks`: without what is gone. */
  | { readonly is: 'fresh' | 'stale'; readonly chosen: ChosenTarget; readonly lacks?: PartOutcome };

/** @throws KubeError where a ConfigMap with a template cannot be read. */
export async function checkTarget(
  input: BindingInput,
  target: TargetSpec,
  granted: Available['granted'],
  world: TargetWorld,
): Promise<TargetCheck> {
  const taken = nameProblem(input, target, world);
  if (taken !== undefined) return { is: 'blocked', problem: taken };
  const declared = await declare(input, target, world);
  if ('problem' in declared) return { is: 'blocked', problem: declared.problem };
  const { sources, unavailable: missing } = resolve(declared.selection, { granted, exists: world.hasSecret });
  const all = sealedSources(sources, target.deletionPolicy === 'Delete' ? [] : missing);
  const there = presentOf(input, declared, all, world);
  if (there === 'foreign') {
    const { namespace, name } = input.identity;
    const found = world.cache.lookup({ namespace, name: target.secretName });
    const secret = found.found === 'present' ? found.object : undefined;
    return { is: 'blocked', problem: conflict(target.secretName, secret, name) };
  }
  const lacks = missing.length === 0 ? undefined : unavailable(target, missing, there !== undefined);
  const kept = target.deletionPolicy === 'Delete' ? [] : missing;
  const chosen = { declared, sources, kept, present: there };
  if (lacks !== undefined && !mayLeaveOut(chosen, missing) && !mayKeep(chosen))
    return { is: 'blocked', problem: lacks };
  const is = isFresh(input, chosen, world) ? 'fresh' : 'stale';
  return lacks === undefined ? { is, chosen } : { is, chosen, lacks };
}

/** By `Delete` what the vault has no more leaves the Secret; one that was never made waits until all is there. */
function mayLeaveOut({ declared, present }: ChosenTarget, missing: readonly Unavailable[]): boolean {
  return (
    declared.target.deletionPolicy === 'Delete' &&
    present !== undefined &&
    missing.every(({ why }) => why === 'SecretMissing')
  );
}

/** What is there under keys that the spec tells can be written again beside new values. */
function mayKeep({ declared: { target, selection }, kept, present }: ChosenTarget): boolean {
  if (kept.length === 0 || present === undefined || !isSealed(present.claim)) return false;
  return keysOfSecrets(target, selection, new Set(kept.map(({ name }) => name))) !== null;
}

/** Names of Secrets are claims: a target must not be the key Secret, its staging Secret, or another target. */
function nameProblem(
  { binding: { spec }, identity: { namespace } }: BindingInput,
  target: TargetSpec,
  { rivals }: TargetWorld,
): PartOutcome | undefined {
  const { secretName } = target;
  const taken =
    secretName === spec.key.secretName ||
    secretName === stagingNameOf(spec.key.secretName) ||
    spec.targets?.find((other) => other.secretName === secretName) !== target;
  if (taken)
    return stalled(
      'InvalidSpec',
      `targets: Secret ${secretName} is named twice in this binding; choose another name`,
    );
  const others = rivals(secretName);
  return others.length === 0 ? undefined : nameConflict(namespace, secretName, others);
}

function presentOf(
  input: BindingInput,
  declared: DeclaredTarget,
  sources: readonly Source[],
  world: TargetWorld,
): ChosenTarget['present'] | 'foreign' {
  const { secretName, immutable, creationPolicy } = declared.target;
  if (immutable === true) return presentOfContent(input, declared, sources, world);
  const found = world.cache.lookup({ namespace: input.identity.namespace, name: secretName });
  if (found.found !== 'present') return undefined;
  const secret = found.object;
  const isMerge = creationPolicy === 'Merge';
  const claim = claimOn(secret, isMerge ? 'merged' : 'target', input.identity, input.seals);
  if (claim !== 'foreign' && (claim !== 'moved' || input.view.mayMove)) return { secret, claim };
  // Whoever owns the Secret says by an annotation that it may be merged into.
  return isMerge ? undefined : 'foreign';
}

/** Of the Secrets that a target had by its contents, the one with what it shall have now. */
function presentOfContent(
  input: BindingInput,
  declared: DeclaredTarget,
  sources: readonly Source[],
  { cache }: TargetWorld,
): ChosenTarget['present'] {
  const { secretName } = declared.target;
  const former = cache
    .ofBinding(input.key)
    .filter((secret) => targetNameOf(secret) === secretName)
    .filter((secret) => claimOn(secret, 'target', input.identity, input.seals) === 'own');
  const secret = former.find((each) => isOfSources(input, declared, sources, each)) ?? former[0];
  return secret && { secret, claim: 'own' };
}

/** Shape, values, versions and keys are those of the seal, and nobody else changed the content: no read is needed. */
function isFresh(
  input: BindingInput,
  { declared, sources, kept, present }: ChosenTarget,
  world: TargetWorld,
): boolean {
  if (present?.claim !== 'own') return false;
  const { secret } = present;
  if (!isOfSources(input, declared, sealedSources(sources, kept), secret)) return false;
  if (annotationOf(secret, 'contentSeal') === undefined || !hasDeclaredMetadata(declared.target, secret))
    return false;
  const keys = ownKeys(secret, FIELD_MANAGER);
  const isTouched =
    declared.target.creationPolicy === 'Merge'
      ? keys.some((key) => otherOwners(secret, FIELD_MANAGER, key).length > 0)
      : isEdited(secret, FIELD_MANAGER, keys);
  return !isTouched || world.verified.get(keyOf(secret.metadata)) === secret.metadata.resourceVersion;
}

function isOfSources(
  { identity, seals }: BindingInput,
  { target, shape }: DeclaredTarget,
  sources: readonly Source[],
  secret: MetadataOnly,
): boolean {
  const role = target.creationPolicy === 'Merge' ? 'merged' : 'target';
  const place = placeOf(identity, secret.metadata.name, { role });
  const says = sourceText(shape, sources, ownKeys(secret, FIELD_MANAGER));
  return seals.verify(annotationOf(secret, 'sourceSeal'), 'target-sources', place, says) === 'valid';
}

function hasDeclaredMetadata(
  { labels = {}, annotations = {}, deletionPolicy }: TargetSpec,
  secret: MetadataOnly,
): boolean {
  const { metadata } = secret;
  return (
    Object.entries(labels).every(([name, value]) => metadata.labels?.[name] === value) &&
    Object.entries(annotations).every(([name, value]) => metadata.annotations?.[name] === value) &&
    annotationOf(secret, 'deletionPolicy') === (deletionPolicy ?? 'KeepLast')
  );
}
