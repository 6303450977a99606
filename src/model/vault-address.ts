/** Where a vault is: the server and the id on it. Credentials say it, and nothing else does. */

export interface VaultAddress {
  /** `https://host[:port]`, or `http://localhost[:port]` of a `vault dev`; in one spelling, as `audienceOf` writes it. */
  readonly url: string;
  readonly vaultId: string;
}

export function isSameAddress(a: VaultAddress, b: VaultAddress): boolean {
  return a.url === b.url && a.vaultId === b.vaultId;
}

/** What a URL of a vault looks like: an origin, without a path or a slash at the end. */
export const VAULT_URL =
  /^(?:https:\/\/(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])|http:\/\/localhost)(?::[0-9]{1,5})?$/;
export const VAULT_URL_RULE =
  'must be https://host[:port], or http://localhost[:port], without a path or a slash at the end';

export const VAULT_ID = /^vault_[A-Za-z0-9]{16}$/;
export const VAULT_ID_RULE = 'must be vault_ and 16 letters or digits';

/** Whether a text is a URL of a vault that a URL parser takes too. */
export function isVaultUrl(text: string): boolean {
  return VAULT_URL.test(text) && URL.canParse(text);
}
