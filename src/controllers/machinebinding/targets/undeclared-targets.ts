/** Deletes the Secrets of targets that the spec has no more. Only what carries the binding's label is deleted. */
import { SECRETS } from '#kube/kube.ts';
import type { BindingInput } from '../input.ts';
import { isOurs } from '../ownership.ts';
import type { TargetWorld } from './target-world.ts';

/** Gives the names of what was deleted. @throws KubeError */
export async function removeUndeclared(input: BindingInput, world: TargetWorld): Promise<string[]> {
  const { key, binding, identity, isLive, signal } = input;
  const declared = new Set((binding.spec.targets ?? []).map(({ secretName }) => secretName));
  const removed: string[] = [];
  for (const secret of world.cache.ofBinding(key)) {
    const { namespace, name, uid } = secret.metadata;
    if (declared.has(name) || !isOurs(secret, ['target'], { binding: identity, isLive })) continue;
    await world.kube.delete(SECRETS, { namespace, name }, { uid, signal });
    world.cache.deleted({ namespace, name }, uid);
    removed.push(name);
  }
  return removed;
}
