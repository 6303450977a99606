/** Secrets of a binding that were made for another address than its vault has, where nobody allowed the move. */
import { allowMoveFlag } from '../organization/vault-moves.ts';
import type { BindingInput } from './input.ts';
import { stagingNameOf } from './key/key-secrets.ts';
import { asWritten } from './marks.ts';
import { claimOn } from './ownership.ts';
import { type PartOutcome, stalled } from './part-outcome.ts';
import type { SecretRole } from './seals.ts';
import type { SecretCache } from './secret-cache.ts';

/**
 * What keeps the binding from going on, told from the cache before anything of it is done. Met where a Secret of before a
 * move came back, as from a backup: with more of them the Organization itself is not connected.
 */
export function moveProblem(
  { identity, binding: { spec }, organization, view, seals }: BindingInput,
  cache: Pick<SecretCache, 'lookup'>,
): PartOutcome | undefined {
  if (view.mayMove) return undefined;
  const { secretName } = spec.key;
  const declared: readonly (readonly [string, SecretRole])[] = [
    [secretName, 'identity'],
    [stagingNameOf(secretName), 'staging'],
    ...(spec.targets ?? []).map(
      (target) => [target.secretName, target.creationPolicy === 'Merge' ? 'merged' : 'target'] as const,
    ),
  ];
  for (const [name, role] of declared) {
    const found = cache.lookup({ namespace: identity.namespace, name });
    if (found.found !== 'present' || claimOn(found.object, role, identity, seals) !== 'moved') continue;
    const { url, vaultId } = asWritten(identity, found.object).vault;
    return stalled(
      'VaultMoved',
      `Secret ${name} was made for ${vaultId} at ${url}, and Organization ${organization} is at ` +
        `${identity.vault.vaultId}, ${identity.vault.url}; it is neither used nor changed. Have whoever runs the ` +
        `operator start it with ${allowMoveFlag(organization, identity.vault)}; delete the Secret only where nobody reads by it`,
    );
  }
  return undefined;
}
