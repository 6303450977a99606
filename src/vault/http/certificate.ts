/** The certificate that the listener shows, and the authority that clients need to believe it. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';

/** PEM. */
export interface Certificate {
  /** The server's own first, then the chain. */
  readonly cert: string;
  readonly key: string;
  /** Of the authority, where it is none that systems know; left out: the end of the chain, if it signed itself. */
  readonly ca?: string | undefined;
}

/** Why a certificate cannot be shown; the text holds nothing of the key. */
export class CertificateError extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'CertificateError';
  }
}

export class PresentedCertificate {
  #ca: string | null;

  /** Throws CertificateError. */
  constructor(certificate: Certificate) {
    this.#ca = checked(certificate);
  }

  /** PEM for the identities of machines; null where their systems know the authority. */
  get ca(): string | null {
    return this.#ca;
  }

  /** Throws CertificateError, and goes on with the one of before. */
  replace(certificate: Certificate): void {
    const ca = checked(certificate);
    const { validToDate, validTo } = new X509Certificate(certificate.cert);
    if (validToDate.getTime() <= Date.now()) throw new CertificateError(`it ended on ${validTo}`);
    this.#ca = ca;
  }
}

/** The authority of a certificate that can be shown. Throws CertificateError. */
function checked({ cert, key, ca }: Certificate): string | null {
  const chain = parsed(cert, 'certificate');
  if (ca !== undefined) parsed(ca, 'authority');
  if (!isKeyOf(chain[0] as X509Certificate, key)) {
    throw new CertificateError('the key is not that of the certificate, or is none');
  }
  try {
    createSecureContext({ cert, key });
  } catch {
    throw new CertificateError('it is of a kind that TLS does not take');
  }
  const last = chain.at(-1) as X509Certificate;
  return ca ?? (last.checkIssued(last) ? last.toString() : null);
}

function isKeyOf(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

function parsed(pem: string, what: string): X509Certificate[] {
  const blocks = pem.match(PEM) ?? [];
  try {
    if (blocks.length > 0) return blocks.map((block) => new X509Certificate(block));
  } catch {
    // As if there were none.
  }
  throw new CertificateError(`there is no ${what} in its file`);
}
