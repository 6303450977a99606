/**
 * Whose certificates are trusted: `--ca` (`SENESCHAL_CA`), what is known of the vault, `SSL_CERT_FILE`, which Node by
 * itself heeds with an option of its own alone; else the authorities of Node and `NODE_EXTRA_CA_CERTS`.
 */
import { readText } from './text-file.ts';

/** PEM; undefined: Node's own. `known`: kept with a session, or in credentials. Throws Failure `Usage`. */
export async function authoritiesOf(
  caFile: string | undefined,
  known: string | null = null,
): Promise<string | undefined> {
  if (caFile !== undefined) return readText(caFile, '--ca');
  return known ?? (await authoritiesOfSystem());
}

/** PEM of `SSL_CERT_FILE`; undefined: Node's own. Throws Failure `Usage`. */
async function authoritiesOfSystem(): Promise<string | undefined> {
  const { SSL_CERT_FILE: file = '' } = process.env;
  return file === '' ? undefined : readText(file, 'SSL_CERT_FILE');
}
