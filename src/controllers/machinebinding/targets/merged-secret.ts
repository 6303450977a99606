/**
 * Keys of a target in a Secret of others, where whoever owns it consents by an annotation. No key of another manager is
 * taken, its type stays, and only keys of ours are taken back.
 * Decides rail 11: what of a Secret of others a target changes.
 */
import { type MetadataOnly, SECRETS, type Secret } from '#kube/kube.ts';
import type { BindingInput } from '../input.ts';
import { annotationOf, type BindingIdentity, marksOf, placeOf, SECRET_ANNOTATIONS } from '../marks.ts';
import { isOursAlone, mergedKeys } from '../merged-keys.ts';
import { FIELD_MANAGER, otherOwners } from '../ownership.ts';
import { type PartOutcome, stalled } from '../part-outcome.ts';
import type { Seals } from '../seals.ts';
import type { BindingClient } from '../secret-deletion.ts';
import type { DeclaredTarget } from './declared-target.ts';
import { type Source, sourceText } from './sources.ts';
import { encoded } from './target-secret.ts';

/** No watch tells of Secrets without our label. */
const AGAIN_MS = 60_000;

const USE = { role: 'merged' } as const;

/** @throws KubeError, a 409 where the Secret changed after it was read; what somebody has to do is the problem. */
export async function writeMerged(
  kube: BindingClient,
  { identity, seals, signal }: BindingInput,
  declared: DeclaredTarget,
  sources: readonly Source[],
  content: ReadonlyMap<string, Buffer>,
): Promise<{ readonly done: MetadataOnly } | { readonly problem: PartOutcome }> {
  const { secretName: name } = declared.target;
  const ref = { namespace: identity.namespace, name };
  const there = await kube.find(SECRETS, ref, { signal });
  const refusal = refusalOf(there, name, identity.name);
  if (refusal !== undefined || there === undefined) return { problem: refusal ?? absent(name) };
  const ours = mergedKeys(there, identity, seals);
  const taken = [...content.keys()].filter((key) => !ours.has(key) && there.data?.[key] !== undefined);
  if (taken.length > 0) return { problem: keysOfOthers(name, taken, there) };
  const { uid, resourceVersion } = there.metadata;
  let version = resourceVersion;
  const surplus = [...ours].filter((key) => !content.has(key) && isOursAlone(there, key));
  if (surplus.length > 0) {
    const data = Object.fromEntries(surplus.map((key) => [key, null]));
    const patched = await kube.patch(
      SECRETS,
      ref,
      { metadata: { uid, resourceVersion }, data },
      { fieldManager: FIELD_MANAGER, signal },
    );
    version = patched.metadata.resourceVersion;
  }
  const secret = mergedPart(declared, sources, content, identity, seals);
  const metadata = { ...secret.metadata, uid, resourceVersion: version } as Secret['metadata'];
  const done = await kube.apply(
    SECRETS,
    { ...secret, metadata },
    { fieldManager: FIELD_MANAGER, force: true, signal },
  );
  return { done };
}

/** What a binding applies of the Secret: its keys, and the marks by which it knows them again. */
function mergedPart(
  { target, shape }: DeclaredTarget,
  sources: readonly Source[],
  content: ReadonlyMap<string, Buffer>,
  binding: BindingIdentity,
  seals: Seals,
): Secret {
  const { secretName: name, deletionPolicy = 'KeepLast' } = target;
  const data = encoded(content);
  const place = placeOf(binding, name, USE);
  const { labels, annotations } = marksOf(binding, name, USE, data, seals);
  const keys = Object.keys(data).sort();
  const list = JSON.stringify(keys);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace: binding.namespace,
      labels: { ...labels },
      annotations: {
        ...annotations,
        [SECRET_ANNOTATIONS.target]: name,
        [SECRET_ANNOTATIONS.deletionPolicy]: deletionPolicy,
        [SECRET_ANNOTATIONS.mergedKeys]: list,
        [SECRET_ANNOTATIONS.mergedSeal]: seals.make('merged-keys', place, list),
        [SECRET_ANNOTATIONS.sourceSeal]: seals.make(
          'target-sources',
          place,
          sourceText(shape, sources, keys),
        ),
      },
    },
    data,
  };
}

function refusalOf(secret: Secret | undefined, name: string, binding: string): PartOutcome | undefined {
  if (secret === undefined) return undefined;
  const consent = annotationOf(secret, 'merge');
  if (consent !== binding) {
    const says = consent === undefined ? '' : `, which names ${consent} now`;
    return stalled(
      'MergeNotConsented',
      `Secret ${name} is not this binding's; to have keys merged into it, set its annotation ${SECRET_ANNOTATIONS.merge}: ${binding}${says}`,
      AGAIN_MS,
    );
  }
  return undefined;
}

function absent(name: string): PartOutcome {
  return stalled(
    'MergeTargetMissing',
    `there is no Secret ${name} to merge into; create it, or set creationPolicy: Create`,
    AGAIN_MS,
  );
}

function keysOfOthers(name: string, keys: readonly string[], secret: MetadataOnly): PartOutcome {
  const told = keys.slice(0, 5).map((key) => {
    const owners = otherOwners(secret, FIELD_MANAGER, key);
    return owners.length === 0 ? key : `${key} (of ${owners.join(', ')})`;
  });
  const more = keys.length > told.length ? ` and ${keys.length - told.length} more` : '';
  return stalled(
    'KeyOfAnother',
    `Secret ${name} has ${told.join(', ')}${more} of somebody else, and no key of others is taken; give the value another key`,
    AGAIN_MS,
  );
}
