/** The key of a machine and the files of its identity: one path, whoever makes it and for whichever of its two keys. */
import { identityBundle } from '#identity/bundle.ts';
import { newKeyPair, type PublicKey } from '#identity/key-pair.ts';
import type { Act } from '../act/context.ts';
import { requirePublicKey } from './machines.ts';

export interface NewIdentity {
  /** Standard base64 of the raw 32 bytes; null: a key pair is made, and its private half answered once. */
  readonly publicKey: string | null;
  /** The folder that the identity will lie in. */
  readonly mountPath: string;
  /** The vault's address as the machine will know it. */
  readonly apiUrl: string;
  /** PEM of the authority that it needs to believe that address; null: none beside those of its system. */
  readonly caCertificate: string | null;
}

/** The files of an identity by name, the private key among them; null where the caller brought the key. Kept nowhere. */
export type AnsweredBundle = Record<string, string> | null;

/** The key, and the bundle once its machine is known. Throws DomainError `Invalid`. */
export function newIdentity(
  act: Pick<Act, 'vault'>,
  { publicKey, ...place }: NewIdentity,
): {
  readonly key: PublicKey;
  bundleOf(machineId: string, machineName: string): AnsweredBundle;
} {
  const made = publicKey === null ? newKeyPair() : null;
  const vaultId = act.vault.id;
  return {
    key: made?.publicKey ?? requirePublicKey(publicKey ?? undefined),
    bundleOf: (machineId, machineName) =>
      made === null ? null : identityBundle({ machineId, machineName, vaultId, ...place }, made),
  };
}
