/** Values that the vault has no more and a target keeps: they are taken from the Secret as it was written, and written again. */
import { SECRETS } from '#kube/kube.ts';
import { keysOfSecrets } from '#shaping/shape.ts';
import type { BindingInput } from '../input.ts';
import { mergedKeys } from '../merged-keys.ts';
import { holdsWhatWasSealed } from '../ownership.ts';
import type { BindingClient } from '../secret-deletion.ts';
import type { ChosenTarget } from './target-check.ts';

/**
 * By key; undefined where they cannot be told from what somebody wrote there, or a key has none. Of a Secret of others they
 * are among the keys that we merged. @throws KubeError
 */
export async function keptValues(
  kube: Pick<BindingClient, 'find'>,
  { identity, seals, signal }: BindingInput,
  { declared: { target, selection }, kept, present }: ChosenTarget,
): Promise<ReadonlyMap<string, Buffer> | undefined> {
  if (kept.length === 0) return new Map();
  const keys = keysOfSecrets(target, selection, new Set(kept.map(({ name }) => name))) ?? [];
  const ref = { namespace: identity.namespace, name: present?.secret.metadata.name ?? target.secretName };
  const secret = await kube.find(SECRETS, ref, { signal });
  if (secret === undefined) return undefined;
  const role = target.creationPolicy === 'Merge' ? 'merged' : 'target';
  const ours =
    role === 'merged' ? mergedKeys(secret, identity, seals) : new Set(Object.keys(secret.data ?? {}));
  const data = Object.fromEntries(Object.entries(secret.data ?? {}).filter(([key]) => ours.has(key)));
  if (!holdsWhatWasSealed({ ...secret, data }, role, identity, seals)) return undefined;
  if (keys.some((key) => data[key] === undefined)) return undefined;
  return new Map(keys.map((key) => [key, Buffer.from(data[key] ?? '', 'base64')]));
}
