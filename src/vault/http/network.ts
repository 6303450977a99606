/**
 * Where a request came from, and under which address its client reached the vault (V7).
 *
 * Decides V7: which source address a request has.
 */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { AddressList, plainAddress } from '../common/addresses.ts';

/** What stands between clients and this server. */
export interface Network {
  /** The proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed; empty: nobody's. */
  readonly trustedProxies: AddressList;
  /** The address that clients are told, without a slash at the end; null: the one that they came by. */
  readonly publicUrl: string | null;
  /**
   * The origins that signatures of automation may name (V4); empty: automation is refused. Never learned from a
   * request: whoever passes one on writes its headers.
   */
  readonly audiences: ReadonlySet<string>;
  /** PEM of the authority that clients need beside those of their system; null, or left out: none. */
  readonly clientCa?: () => string | null;
}

/** Nothing in between. */
export const DIRECT: Network = {
  trustedProxies: new AddressList([]),
  publicUrl: null,
  audiences: new Set(),
};

type Received = Pick<IncomingMessage, 'headers' | 'socket'>;

/**
 * The source address: the peer's own, or, where trusted proxies stand before it, the last address in
 * `X-Forwarded-For` that is not one of them. What stands further left the client may have invented.
 */
export function sourceOf({ headers, socket }: Received, { trustedProxies }: Network): string {
  let source = plainAddress(socket.remoteAddress ?? '');
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  while (trustedProxies.has(source)) {
    const before = plainAddress(forwarded.pop()?.trim() ?? '');
    if (isIP(before) === 0) break;
    source = before;
  }
  return source;
}

/** A host name or address with its port; nothing that a shell or a URL would take for more. */
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

/**
 * The vault's address for a client, to put into its identity: no path, no slash at the end. SDKs insist on the
 * name `localhost` for a plain connection. Null where the request says no usable host.
 */
export function originOf({ headers, socket }: Received, network: Network): string | null {
  if (network.publicUrl !== null) return network.publicUrl;
  const { host = '' } = headers;
  if (!HOST.test(host)) return null;
  const isBehindTls =
    network.trustedProxies.has(socket.remoteAddress ?? '') && headers['x-forwarded-proto'] === 'https';
  if ('encrypted' in socket || isBehindTls) return `https://${host}`;
  return `http://${host.replace(/^(?:127\.0\.0\.1|\[::1\])(?=:|$)/, 'localhost')}`;
}
