/** Writes the Secrets that hold synced values: created by POST, changed by server-side apply. */
import { isDeepStrictEqual } from 'node:util';
import { isAlreadyExists, KubeError, type MetadataOnly, SECRETS, type Secret } from '#kube/kube.ts';
import type { SyncedSecret } from '#provider/provider.ts';
import { type BindingIdentity, marksOf, placeOf, SECRET_ANNOTATIONS } from '../marks.ts';
import { claimOn, dataKeys, FIELD_MANAGER, isSealed } from '../ownership.ts';
import type { Seals } from '../seals.ts';
import type { BindingClient } from '../secret-deletion.ts';
import { type Selected, sourceText } from './selection.ts';
import type { ChosenTarget } from './target-check.ts';

/** A target as it shall be. Holds values in the clear (base64): it goes to the API server and nowhere else. */
export function targetSecret(
  name: string,
  binding: BindingIdentity,
  values: ReadonlyMap<string, SyncedSecret>,
  selected: readonly Selected[],
  seals: Seals,
): Secret {
  const data: Record<string, string> = {};
  const held: Selected[] = [];
  for (const { key, id } of selected) {
    const synced = values.get(id);
    if (synced === undefined) throw new Error('a selected value was not answered');
    data[key] = Buffer.from(synced.value.reveal(), 'utf8').toString('base64');
    held.push({ key, id, version: synced.version });
  }
  const use = { role: 'target' } as const;
  const { labels, annotations } = marksOf(binding, name, use, data, seals);
  const place = placeOf(binding, name, use);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace: binding.namespace,
      labels,
      annotations: {
        ...annotations,
        [SECRET_ANNOTATIONS.sourceSeal]: seals.make('target-sources', place, sourceText(held)),
      },
    },
    type: 'Opaque',
    data,
  };
}

/** Whose target is written. */
export interface TargetOwner {
  readonly binding: BindingIdentity;
  readonly seals: Seals;
  /** Whether a Secret of another address is written over. */
  readonly mayMove: boolean;
  readonly signal: AbortSignal;
}

/**
 * Writes a target over the Secret that the cache has; undefined: it has none. Gives the metadata of what is there
 * then; undefined where the name is a Secret's that is not proven to be ours, which stays as it is.
 */
export async function writeTarget(
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
 * Brings a target of ours to what it shall be. Apply alone never removes a key that another manager added, or
 * that our own POST set, so such keys are taken out first. A Secret that was replaced by another in the
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
  const surplus = [...dataKeys(present)].filter((key) => secret.data?.[key] === undefined);
  const only = uid === undefined ? {} : { uid };
  if (surplus.length > 0) {
    const data = Object.fromEntries(surplus.map((key) => [key, null]));
    await kube.patch(SECRETS, ref, { metadata: only, data }, { fieldManager: FIELD_MANAGER, signal });
  }
  return kube.apply(
    SECRETS,
    { ...secret, metadata: { ...secret.metadata, ...only } },
    { fieldManager: FIELD_MANAGER, force: true, signal },
  );
}
