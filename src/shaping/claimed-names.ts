/** Which names of Secrets a binding claims in its namespace. Pure. */
import type { Spec } from '#api/v1alpha1/kinds.ts';

/** The key's, the one where a key is staged, and those of the targets; a binding of another namespace is in no way. */
export function claimedNames({
  key,
  targets = [],
}: Pick<Spec<'MachineBinding'>, 'key' | 'targets'>): ReadonlySet<string> {
  return new Set([key.secretName, `${key.secretName}-next`, ...targets.map(({ secretName }) => secretName)]);
}
