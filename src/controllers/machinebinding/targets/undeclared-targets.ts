/** Has the Secrets of targets deleted that the spec has no more. */
import { type BindingInput, ownerOf } from '../input.ts';
import { roleOf } from '../marks.ts';
import type { SecretCache } from '../secret-cache.ts';
import type { PassDeletions } from '../secret-deletion.ts';

/** @throws KubeError */
export async function removeUndeclared(
  input: BindingInput,
  { cache, deletions }: { readonly cache: SecretCache; readonly deletions: PassDeletions },
): Promise<void> {
  const declared = new Set((input.binding.spec.targets ?? []).map(({ secretName }) => secretName));
  for (const secret of cache.ofBinding(input.key)) {
    if (roleOf(secret) === 'target' && !declared.has(secret.metadata.name))
      await deletions.delete(ownerOf(input, secret), secret);
  }
}
