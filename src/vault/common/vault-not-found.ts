import { DomainError } from './domain-error.ts';

/** Says nothing about which vaults there are. */
export function vaultNotFound(): DomainError {
  return new DomainError({
    code: 'VaultNotFound',
    status: 404,
    detail: 'There is no such vault here.',
    next: 'Check the vault id and the URL of the server.',
  });
}
