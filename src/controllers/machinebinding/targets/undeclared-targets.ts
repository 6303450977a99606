/** Lets Secrets of targets go that the spec has no more: deleted, kept, or without our keys, as the target said. */
import { type BindingInput, ownerOf } from '../input.ts';
import { roleOf } from '../marks.ts';
import type { SecretCache } from '../secret-cache.ts';
import type { PassDeletions } from '../secret-deletion.ts';
import { targetNameOf } from './generations.ts';

/** @throws KubeError */
export async function removeUndeclared(
  input: BindingInput,
  { cache, deletions }: { readonly cache: SecretCache; readonly deletions: PassDeletions },
): Promise<void> {
  const declared = new Map(
    (input.binding.spec.targets ?? []).map(({ secretName, creationPolicy }) => [
      secretName,
      creationPolicy === 'Merge' ? 'merged' : 'target',
    ]),
  );
  for (const secret of cache.ofBinding(input.key)) {
    const role = roleOf(secret);
    if (role !== 'target' && role !== 'merged') continue;
    if (declared.get(targetNameOf(secret)) !== role) await deletions.release(ownerOf(input, secret), secret);
  }
}
