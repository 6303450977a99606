/** The credentials of an automation identity: a folder, or a Secret's data, with `automation-id` and `private.pem`. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProviderError } from '../provider.ts';

export interface Credentials {
  readonly automationId: string;
  /** Ed25519. */
  readonly privateKey: KeyObject;
}

/** From texts by file name; `where` names the Secret or folder in messages. Throws ProviderError `CredentialsMissing`. */
export function credentialsFrom(
  texts: Readonly<Record<string, string | undefined>>,
  where: string,
): Credentials {
  const automationId = texts['automation-id']?.trim() ?? '';
  const pem = texts['private.pem'] ?? '';
  if (automationId === '') throw missing(`${where} has no automation-id`);
  if (pem === '') throw missing(`${where} has no private.pem`);
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(pem);
  } catch {
    // Without the cause: parsers quote what they read.
    throw missing(`private.pem in ${where} is no private key (PKCS#8 PEM)`);
  }
  if (privateKey.asymmetricKeyType !== 'ed25519') throw missing(`private.pem in ${where} is no Ed25519 key`);
  return { automationId, privateKey };
}

/** From a folder, as `seneschal vault dev` writes it. */
export async function credentialsOfFolder(folder: string): Promise<Credentials> {
  const read = (name: string): Promise<string | undefined> =>
    readFile(join(folder, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw missing(`${join(folder, name)} cannot be read (${error.code ?? 'unknown error'})`);
    });
  const texts = { 'automation-id': await read('automation-id'), 'private.pem': await read('private.pem') };
  return credentialsFrom(texts, folder);
}

function missing(problem: string): ProviderError {
  return new ProviderError({
    class: 'Auth',
    code: 'CredentialsMissing',
    publicMessage: `${problem}; an automation identity has the files automation-id and private.pem.`,
  });
}
