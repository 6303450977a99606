/**
 * What an Organization says of where its vault is. It is for whoever reviews it: the credentials decide, and where both
 * say something else nothing is sent, because somebody was told something wrong.
 *
 * Decides V4: that what is declared never leads to another vault than the credentials.
 */
import type { Spec } from '#api/v1alpha1/kinds.ts';
import { isVaultUrl, type VaultAddress } from '#model/vault-address.ts';
import { audienceOf } from '#protocol/audience.ts';
import { EngineError } from './pass-types.ts';

/** Throws EngineError `CredentialsForAnotherVault`. */
export function requireDeclared(spec: Spec<'Organization'>, address: VaultAddress): void {
  const { url, vaultId } = spec.vault.seneschal;
  const differs = [
    ...(url === undefined || isSameOrigin(url, address.url) ? [] : [`url ${url}, not ${address.url}`]),
    ...(vaultId === undefined || vaultId === address.vaultId
      ? []
      : [`vaultId ${vaultId}, not ${address.vaultId}`]),
  ];
  if (differs.length === 0) return;
  throw new EngineError(
    'CredentialsForAnotherVault',
    `The Organization names ${differs.join(', and ')} of the credentials; nothing was sent.`,
    'Correct spec.vault.seneschal, or give the credentials of that vault.',
  );
}

function isSameOrigin(declared: string, url: string): boolean {
  return isVaultUrl(declared) && audienceOf(declared) === audienceOf(url);
}
