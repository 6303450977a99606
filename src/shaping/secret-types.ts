/** What the data of a Secret of each type must be, checked before it is written. Pure. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { SecretType } from '#api/v1alpha1/target.ts';
import { type Fault, invalidSpec, valueUnfit } from './fault.ts';

type Data = ReadonlyMap<string, Buffer>;

/** Keys that a type cannot do without; of a list within, one. */
const REQUIRED: Readonly<Record<SecretType, readonly (readonly string[])[]>> = {
  Opaque: [],
  'kubernetes.io/tls': [['tls.crt'], ['tls.key']],
  'kubernetes.io/dockerconfigjson': [['.dockerconfigjson']],
  'kubernetes.io/basic-auth': [['username', 'password']],
  'kubernetes.io/ssh-auth': [['ssh-privatekey']],
};

/** What keys a target of the type lacks; undefined: nothing. */
export function missingKey(type: SecretType, keys: ReadonlySet<string>): Fault | undefined {
  const missing = REQUIRED[type].find((choice) => !choice.some((key) => keys.has(key)));
  return missing && invalidSpec(`a Secret of type ${type} needs the key ${missing.join(' or ')}; declare it`);
}

/** What of the content is not as the type has it; undefined: nothing. */
export function unfitContent(type: SecretType, data: Data): Fault | undefined {
  switch (type) {
    case 'Opaque':
    case 'kubernetes.io/basic-auth':
      return undefined;
    case 'kubernetes.io/tls':
      return unfitPair(data.get('tls.crt'), data.get('tls.key'));
    case 'kubernetes.io/dockerconfigjson':
      return isDockerConfig(data.get('.dockerconfigjson'))
        ? undefined
        : valueUnfit('.dockerconfigjson is no JSON object with auths');
    case 'kubernetes.io/ssh-auth':
      return data.get('ssh-privatekey')?.toString('latin1').includes('PRIVATE KEY-----') === true
        ? undefined
        : valueUnfit('ssh-privatekey is no private key in PEM');
  }
}

function unfitPair(certificate: Buffer | undefined, key: Buffer | undefined): Fault | undefined {
  const read = certificate && attempt(() => new X509Certificate(certificate));
  if (read === undefined) return valueUnfit('tls.crt is no certificate in PEM');
  const privateKey = key && attempt(() => createPrivateKey(key));
  if (privateKey === undefined) return valueUnfit('tls.key is no private key in PEM');
  return read.checkPrivateKey(privateKey)
    ? undefined
    : valueUnfit('tls.key is not the private key of the certificate in tls.crt');
}

function isDockerConfig(bytes: Buffer | undefined): boolean {
  const parsed = bytes && attempt(() => JSON.parse(bytes.toString('utf8')) as unknown);
  if (typeof parsed !== 'object' || parsed === null) return false;
  const { auths } = parsed as { readonly auths?: unknown };
  return typeof auths === 'object' && auths !== null && !Array.isArray(auths);
}

/** Parsers say by an error that something is none, and quote it; what they say is dropped. */
function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
