/** A binding whose key Secret another one claims: for a name that is not its own yet no key is made. */
import type { BindingInput } from './input.ts';
import { keySecretNames } from './key/key-secrets.ts';
import { claimOn, isSealed } from './ownership.ts';
import type { PartOutcome } from './part-outcome.ts';
import type { SecretCache } from './secret-cache.ts';
import { nameConflict } from './targets/target-problems.ts';

/** Undefined: the pass goes on. `rivals`: names of others that claim a name. */
export function claimedProblem(
  { identity, binding, seals }: BindingInput,
  cache: Pick<SecretCache, 'lookup'>,
  rivals: (secretName: string) => readonly string[],
): PartOutcome | undefined {
  const { secretName } = binding.spec.key;
  const there = cache.lookup({ namespace: identity.namespace, name: secretName });
  if (there.found === 'present' && isSealed(claimOn(there.object, 'identity', identity, seals)))
    return undefined;
  for (const name of keySecretNames(secretName)) {
    const others = rivals(name);
    if (others.length > 0) return nameConflict(identity.namespace, name, others);
  }
  return undefined;
}
