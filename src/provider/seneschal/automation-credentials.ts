/**
 * The credentials of an automation identity, a folder or the data of a Secret: whom it acts as, and where. They are the
 * only place that says where a vault is, because they come from whoever made the identity, and not from whom it judges.
 *
 * Decides V4: what the credentials of an automation identity say.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  isVaultUrl,
  VAULT_ID,
  VAULT_ID_RULE,
  VAULT_URL_RULE,
  type VaultAddress,
} from '#model/vault-address.ts';
import { audienceOf } from '#protocol/audience.ts';
import { ProviderError } from '../provider.ts';

export interface Credentials {
  readonly address: VaultAddress;
  /** PEM of the authorities of the vault's certificate, one or several; null: the system's. */
  readonly ca: string | null;
  readonly automationId: string;
  /** Ed25519. */
  readonly privateKey: KeyObject;
}

/** Files of a folder, keys of a Secret. */
const FILES = {
  url: 'url',
  vaultId: 'vault-id',
  ca: 'ca.crt',
  automationId: 'automation-id',
  privateKey: 'private.pem',
} as const;

/** What writes all of them. */
const WRITTEN_BY = '`seneschal vault automation create NAME --credentials FOLDER` writes all of them';

/** What a folder with credentials holds, by file name. `privateKey`: PKCS#8 PEM. */
export function credentialsFiles(
  credentials: Omit<Credentials, 'privateKey'> & { readonly privateKey: string },
): Readonly<Record<string, string>> {
  const { address, ca, automationId, privateKey } = credentials;
  return {
    // The key first: what cannot be written is a key that is lost, not an address.
    [FILES.privateKey]: privateKey,
    [FILES.automationId]: automationId,
    [FILES.url]: address.url,
    [FILES.vaultId]: address.vaultId,
    ...(ca === null ? {} : { [FILES.ca]: ca }),
  };
}

/** From texts by file name; `where` names the Secret or folder in messages. Throws ProviderError `CredentialsMissing`. */
export function credentialsFrom(
  texts: Readonly<Record<string, string | undefined>>,
  where: string,
): Credentials {
  const required = (name: string): string => {
    const text = texts[name]?.trim() ?? '';
    if (text === '') throw missing(`${where} has no ${name}`);
    return text;
  };
  const automationId = required(FILES.automationId);
  const pem = required(FILES.privateKey);
  const url = required(FILES.url);
  const vaultId = required(FILES.vaultId);
  if (!isVaultUrl(url)) throw missing(`${FILES.url} in ${where} ${VAULT_URL_RULE}`);
  if (!VAULT_ID.test(vaultId)) throw missing(`${FILES.vaultId} in ${where} ${VAULT_ID_RULE}`);
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(pem);
  } catch {
    // Without the cause: parsers quote what they read.
    throw missing(`${FILES.privateKey} in ${where} is no private key (PKCS#8 PEM)`);
  }
  if (privateKey.asymmetricKeyType !== 'ed25519')
    throw missing(`${FILES.privateKey} in ${where} is no Ed25519 key`);
  const ca = texts[FILES.ca] ?? null;
  if (ca !== null && !isCertificates(ca)) throw missing(`${FILES.ca} in ${where} is no certificate in PEM`);
  return { address: { url: audienceOf(url), vaultId }, ca, automationId, privateKey };
}

/** From a folder, as `seneschal vault dev` writes it. Throws ProviderError `CredentialsMissing`. */
export async function credentialsOfFolder(folder: string): Promise<Credentials> {
  const read = async (name: string): Promise<[string, string | undefined]> => [
    name,
    await readFile(join(folder, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw missing(`${join(folder, name)} cannot be read (${error.code ?? 'unknown error'})`);
    }),
  ];
  return credentialsFrom(Object.fromEntries(await Promise.all(Object.values(FILES).map(read))), folder);
}

/** Whether a PEM holds one certificate or several, and nothing that is none. */
function isCertificates(pem: string): boolean {
  const blocks = pem.match(/-----BEGIN [^-]+-----[^-]*-----END [^-]+-----/g) ?? [];
  return (
    blocks.length > 0 &&
    blocks.every((block) => {
      try {
        return new X509Certificate(block).raw.length > 0;
      } catch {
        return false;
      }
    })
  );
}

function missing(problem: string): ProviderError {
  return new ProviderError({
    class: 'Auth',
    code: 'CredentialsMissing',
    publicMessage:
      `${problem}; credentials are the files url, vault-id, automation-id, private.pem, and ca.crt where the ` +
      `authority of the vault's certificate is private: ${WRITTEN_BY}.`,
  });
}
