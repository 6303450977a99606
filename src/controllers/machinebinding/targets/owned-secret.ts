/** Writes the Secrets that are a target's alone: created by POST, changed by server-side apply. */
import { isDeepStrictEqual } from 'node:util';
import { isAlreadyExists, KubeError, type MetadataOnly, SECRETS, type Secret } from '#kube/kube.ts';
import type { BindingIdentity } from '../marks.ts';
import { claimOn, dataKeys, FIELD_MANAGER, isSealed, ownMetadata } from '../ownership.ts';
import type { Seals } from '../seals.ts';
import type { BindingClient } from '../secret-deletion.ts';
import type { ChosenTarget } from './target-check.ts';

/** Whose target is written. */
export interface TargetOwner {
  readonly binding: BindingIdentity;
  readonly seals: Seals;
  /** Whether a Secret of another address is written over. */
  readonly mayMove: boolean;
  readonly signal: AbortSignal;
}

/**
 * Writes a target over the Secret that the cache has; undefined: it has none of that name. Gives the metadata of what is
 * there then; undefined where the name is a Secret's that is not proven to be ours, which stays as it is.
 */
export async function writeOwned(
  kube: BindingClient,
  secret: Secret,
  present: ChosenTarget['present'],
  { binding, seals, mayMove, signal }: TargetOwner,
): Promise<MetadataOnly | undefined> {
  if (present !== undefined && present.claim !== 'unproven')
    return applyTarget(kube, secret, present.secret, signal);
  try {
    if (present === undefined)
      return await kube.create(SECRETS, secret, { fieldManager: FIELD_MANAGER, signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  // The name is taken: by a Secret of ours that the cache has not seen yet, by a foreign one, or by one that is unproven.
  const { namespace, name } = secret.metadata;
  const there = await kube.find(SECRETS, { namespace, name }, { signal });
  if (there === undefined) {
    throw new KubeError(
      { verb: 'create', resource: 'secrets', namespace, name },
      { code: 409, reason: 'Conflict' },
    );
  }
  const claim = claimOn(there, 'target', binding, seals);
  const isOurs =
    isSealed(claim) ||
    (claim === 'moved' && mayMove) ||
    (claim === 'unproven' && isDeepStrictEqual(there.data, secret.data));
  return isOurs ? applyTarget(kube, secret, there, signal) : undefined;
}

/**
 * Brings a target of ours to what it shall be. Apply alone never removes a key that another manager added, or what our own
 * POST set, so such keys, labels and annotations are taken out first. A Secret that was replaced by another in the
 * meantime is a 409.
 */
async function applyTarget(
  kube: BindingClient,
  secret: Secret,
  present: MetadataOnly,
  signal: AbortSignal,
): Promise<MetadataOnly> {
  const { uid, namespace, name } = present.metadata;
  const ref = { namespace, name };
  const only = uid === undefined ? {} : { uid };
  const data = without(dataKeys(present), secret.data);
  const owned = ownMetadata(present, FIELD_MANAGER);
  const labels = without(owned.labels, secret.metadata.labels);
  const annotations = without(owned.annotations, secret.metadata.annotations);
  if ([data, labels, annotations].some((each) => Object.keys(each).length > 0)) {
    const patch = { metadata: { ...only, labels, annotations }, data };
    await kube.patch(SECRETS, ref, patch, { fieldManager: FIELD_MANAGER, signal });
  }
  return kube.apply(
    SECRETS,
    { ...secret, metadata: { ...secret.metadata, ...only } },
    { fieldManager: FIELD_MANAGER, force: true, signal },
  );
}

/** A merge patch of a map that takes out what is wanted no more. */
function without(
  names: Iterable<string>,
  wanted: Readonly<Record<string, string>> = {},
): Record<string, null> {
  const surplus = [...names].filter((name) => !Object.hasOwn(wanted, name));
  return Object.fromEntries(surplus.map((name) => [name, null]));
}
