/** Which keys of a Secret of others a binding merged into it, and how it is taken out of it. Pure. */
import type { MetadataOnly } from '#kube/kube.ts';
import { annotationOf, asWritten, type BindingIdentity, marksTakenOff, placeOf } from './marks.ts';
import { FIELD_MANAGER, otherOwners, ownKeys } from './ownership.ts';
import type { Seals } from './seals.ts';

const USE = { role: 'merged' } as const;

/** Keys that were merged by this binding; none where the list was not written by us. */
export function mergedKeys(
  secret: MetadataOnly,
  binding: BindingIdentity,
  seals: Seals,
): ReadonlySet<string> {
  const list = annotationOf(secret, 'mergedKeys') ?? '';
  const place = placeOf(asWritten(binding, secret), secret.metadata.name, USE);
  const verdict = seals.verify(annotationOf(secret, 'mergedSeal'), 'merged-keys', place, list);
  return new Set(verdict === 'valid' ? (JSON.parse(list) as string[]) : []);
}

/** Whether nobody but us has a key: what somebody wrote over is theirs. */
export function isOursAlone(secret: MetadataOnly, key: string): boolean {
  return ownKeys(secret, FIELD_MANAGER).includes(key) && otherOwners(secret, FIELD_MANAGER, key).length === 0;
}

/**
 * The merge patch that takes a binding out of the Secret: its marks, and by `withKeys` its keys. The annotation that
 * consents is not ours and stays.
 */
export function takenBack(
  secret: MetadataOnly,
  binding: BindingIdentity,
  seals: Seals,
  withKeys: boolean,
): { readonly metadata: object; readonly data: Readonly<Record<string, null>> } {
  const { uid, resourceVersion } = secret.metadata;
  const keys = withKeys
    ? [...mergedKeys(secret, binding, seals)].filter((key) => isOursAlone(secret, key))
    : [];
  return {
    metadata: { uid, resourceVersion, ...marksTakenOff(secret) },
    data: Object.fromEntries(keys.map((key) => [key, null])),
  };
}
