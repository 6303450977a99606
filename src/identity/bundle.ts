/** The files of a machine's identity, as the SDKs read them from a mounted Secret. */
import { type KeyPair, privatePem, publicPem } from './key-pair.ts';

export const DEFAULT_MOUNT_PATH = '/var/run/secrets/seneschal';

/** Name of the file with the private half, in the identity bundle and in a staging Secret. */
export const PRIVATE_KEY_FILE = 'private.pem';

/** Everything in a bundle that is no secret. */
export interface IdentityFacts {
  readonly machineId: string;
  readonly machineName: string;
  readonly vaultId: string;
  /** `https://...` or `http://localhost...`, no path, no slash at the end. */
  readonly apiUrl: string;
  readonly mountPath: string;
  /** PEM; null where the vault's certificate needs no CA of its own. */
  readonly caCertificate: string | null;
}

/** `identity.json`: exactly five keys, because one SDK decodes strictly. */
export function identityJson(facts: IdentityFacts): string {
  return JSON.stringify({
    machineId: facts.machineId,
    machineName: facts.machineName,
    vaultId: facts.vaultId,
    apiUrl: facts.apiUrl,
    privateKeyPath: `${facts.mountPath.replace(/\/+$/, '')}/${PRIVATE_KEY_FILE}`,
  });
}

/** The files of a bundle by name. Holds the private key in the clear: it goes into a Secret and nowhere else. */
export function identityBundle(facts: IdentityFacts, keys: KeyPair): Record<string, string> {
  return {
    'identity.json': identityJson(facts),
    [PRIVATE_KEY_FILE]: privatePem(keys.privateKey),
    'public.pem': publicPem(keys.publicKey),
    'vault-id': facts.vaultId,
    'machine-id': facts.machineId,
    'machine-name': facts.machineName,
    'api-url': facts.apiUrl,
    ...(facts.caCertificate === null ? {} : { 'ca.crt': facts.caCertificate }),
  };
}
