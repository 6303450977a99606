/** Writes the Secrets that hold synced values: created by POST, changed by server-side apply. */

import type { InstallationKey } from '#identity/installation-key.ts';
import {
  isAlreadyExists,
  type KubeClient,
  KubeError,
  type MetadataOnly,
  SECRETS,
  type Secret,
} from '#kube/kube.ts';
import type { SyncedSecret } from '#provider/provider.ts';
import { type BindingIdentity, marksOf, SECRET_ANNOTATIONS } from '../marks.ts';
import { dataKeys, FIELD_MANAGER, isOurs, type Owner } from '../ownership.ts';
import { contentParts, type Selected, sourceParts } from './selection.ts';

/** A target as it shall be. Holds values in the clear (base64): it goes to the API server and nowhere else. */
export function targetSecret(
  name: string,
  binding: BindingIdentity,
  values: ReadonlyMap<string, SyncedSecret>,
  selected: readonly Selected[],
  installation: InstallationKey,
): Secret {
  const data: Record<string, string> = {};
  const held: Selected[] = [];
  for (const { key, id } of selected) {
    const synced = values.get(id);
    if (synced === undefined) throw new Error('a selected value was not answered');
    data[key] = Buffer.from(synced.value.reveal(), 'utf8').toString('base64');
    held.push({ key, id, version: synced.version });
  }
  const { labels, annotations } = marksOf(binding, 'target');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace: binding.namespace,
      labels,
      annotations: {
        ...annotations,
        [SECRET_ANNOTATIONS.sourceSeal]: installation.seal('target-sources', sourceParts(binding.uid, held)),
        [SECRET_ANNOTATIONS.contentSeal]: installation.seal(
          'target-content',
          contentParts(binding.uid, data),
        ),
      },
    },
    type: 'Opaque',
    data,
  };
}

/**
 * Writes a target over the Secret that the cache has; undefined: it has none. Gives the metadata of what is there
 * then; undefined where the name is a foreign Secret's, which stays as it is.
 */
export async function writeTarget(
  kube: KubeClient,
  secret: Secret,
  present: MetadataOnly | undefined,
  owner: Owner & { readonly signal: AbortSignal },
): Promise<MetadataOnly | undefined> {
  const { signal } = owner;
  if (present !== undefined) return applyTarget(kube, secret, present, signal);
  try {
    return await kube.create(SECRETS, secret, { fieldManager: FIELD_MANAGER, signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  // The name is taken: by a Secret of ours that the cache has not seen yet, or by a foreign one.
  const { namespace, name } = secret.metadata;
  const there = await kube.find(SECRETS, { namespace, name }, { signal });
  if (there === undefined) {
    throw new KubeError(
      { verb: 'create', resource: 'secrets', namespace, name },
      { code: 409, reason: 'Conflict' },
    );
  }
  return isOurs(there, ['target'], owner) ? applyTarget(kube, secret, there, signal) : undefined;
}

/**
 * Brings a target of ours to what it shall be. Apply alone never removes a key that another manager added, or
 * that our own POST set, so such keys are taken out first. A Secret that was replaced by another in the
 * meantime is a 409.
 */
async function applyTarget(
  kube: KubeClient,
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
