/** Certificates for a listener on loopback, made by the openssl that is installed. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface MadeCertificate {
  readonly cert: string;
  readonly key: string;
  /** Upper-case hex, as node shows it. */
  readonly serial: string;
}

/** One that signed itself, for localhost, vault.test, names below it and 127.0.0.1. `days` below 0: over already. */
export function selfSigned(folder: string, serial: number, days = 2): MadeCertificate {
  return made(folder, serial, days, (key) => ['-signkey', key]);
}

/** An authority, and a certificate that it signed; the chain is not in the file of the certificate. */
export function signedByOther(folder: string, serial: number): MadeCertificate & { readonly ca: string } {
  const authority = selfSigned(folder, serial + 1);
  const [ca, caKey] = [join(folder, `${serial + 1}.crt`), join(folder, `${serial + 1}.key`)];
  return { ...made(folder, serial, 2, () => ['-CA', ca, '-CAkey', caKey]), ca: authority.cert };
}

function made(
  folder: string,
  serial: number,
  days: number,
  signer: (key: string) => string[],
): MadeCertificate {
  const file = (ending: string): string => join(folder, `${serial}.${ending}`);
  const isOwn = signer('')[0] === '-signkey';
  const [request, cert, key, extensions] = [file('csr'), file('crt'), file('key'), file('ext')];
  const names = 'subjectAltName=DNS:localhost,DNS:vault.test,DNS:*.vault.test,IP:127.0.0.1';
  writeFileSync(extensions, `${names}\nbasicConstraints=CA:${isOwn ? 'TRUE' : 'FALSE'}\n`);
  const pair = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key];
  openssl('req', ...pair, '-out', request, '-subj', `/CN=localhost ${serial}`);
  const held = ['-days', String(days), '-set_serial', String(serial), '-extfile', extensions];
  openssl('x509', '-req', '-in', request, '-out', cert, ...held, ...signer(key));
  const hex = serial.toString(16).toUpperCase();
  return {
    cert: readFileSync(cert, 'utf8'),
    key: readFileSync(key, 'utf8'),
    serial: hex.length % 2 === 0 ? hex : `0${hex}`,
  };
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}

let ownOne: MadeCertificate | undefined;

/** PEM of one that signed itself, the same one throughout a test file. */
export function localhostCertificate(): Pick<MadeCertificate, 'cert' | 'key'> {
  if (ownOne !== undefined) return ownOne;
  const folder = mkdtempSync(join(tmpdir(), 'seneschal-certificate-'));
  try {
    ownOne = selfSigned(folder, 1);
    return ownOne;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
