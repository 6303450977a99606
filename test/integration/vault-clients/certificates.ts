/** Certificates of a test: an authority of its own and a server's certificate for `localhost`, made by openssl. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface TestCertificates {
  /** Path of the authority's certificate, PEM. */
  readonly caFile: string;
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

/** Written into the folder; good for a day. */
export function newCertificates(folder: string): TestCertificates {
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): Buffer =>
    execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl(
    ...['req', '-x509', ...newKey, '-days', '1', '-subj', '/CN=Test authority'],
    ...['-keyout', at('ca.key'), '-out', at('ca.crt')],
  );
  openssl(...['req', ...newKey, '-subj', '/CN=localhost', '-keyout', at('tls.key'), '-out', at('tls.csr')]);
  writeFileSync(at('tls.ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  openssl(
    ...['x509', '-req', '-in', at('tls.csr'), '-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial'],
    ...['-days', '1', '-extfile', at('tls.ext'), '-out', at('tls.crt')],
  );
  return {
    caFile: at('ca.crt'),
    cert: readFileSync(at('tls.crt'), 'utf8'),
    key: readFileSync(at('tls.key'), 'utf8'),
  };
}
