/**
 * What an invitee signs to prove the code that reached them outside the vault's mail (I4).
 *
 * Decides I4: what the invitee signs.
 */

export interface ConfirmationChallenge {
  readonly vaultId: string;
  /** Of this registration of a code: a new code has another. */
  readonly confirmationId: string;
  readonly accountId: string;
  /** Drawn by the vault, good for one proof. */
  readonly nonce: string;
}

/** UTF-8 text; the purpose stands in front, so that the signature is none of anything else. */
export function confirmationPayload(challenge: ConfirmationChallenge): string {
  const { vaultId, confirmationId, accountId, nonce } = challenge;
  return `seneschal confirmation:${vaultId}:${confirmationId}:${accountId}:${nonce}`;
}
