/**
 * The audience of a signature: the origin of the vault that it is meant for. Whoever is sent a signed request can
 * pass it on; a vault takes only what names one of its own addresses, so that a relay gains nothing.
 *
 * Decides V4: how a vault's address is written in what automation signs.
 */

/**
 * The origin of a vault's URL: scheme, host in lower case, port unless it is the scheme's own. Throws TypeError for
 * what is no URL of http or https.
 */
export function audienceOf(url: string): string {
  const { origin } = new URL(url);
  if (!/^https?:/.test(origin)) throw new TypeError('a vault is reached by https:// or http://');
  return origin;
}

/** Whether a URL leads to the machine that asks: such an address is another vault on each. */
export function isLoopbackUrl(url: string): boolean {
  return isLoopbackHost(new URL(url).hostname);
}

/** The same of a host as a URL, or whoever connects, names it. */
export function isLoopbackHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$|\.$/g, '').toLowerCase();
  const isName = host === 'localhost' || host.endsWith('.localhost');
  return isName || /^127\.\d+\.\d+\.\d+$|^0\.0\.0\.0$|^::1?$|^::ffff:7f[0-9a-f]{2}:/.test(host);
}
