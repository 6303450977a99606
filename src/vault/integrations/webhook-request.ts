/** One POST to a webhook: over TLS, to an address that was looked at, followed nowhere. */
import { lookup } from 'node:dns/promises';
import { request } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { OutgoingSettings } from '../act/outgoing-settings.ts';
import { mayBeCalled } from './private-addresses.ts';

/** Why a webhook was not delivered: a constant, as in `TimedOut`, `Status 500`, `PrivateAddress`, `ECONNREFUSED`. */
export class WebhookError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'WebhookError';
  }
}

export type Resolve = (host: string) => Promise<readonly { address: string; family: number }[]>;

const byResolver: Resolve = (host) => lookup(host, { all: true });

/** Milliseconds that a webhook has to answer. */
export const TIMEOUT = 10_000;

export interface WebhookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Resolves once the webhook answered 2xx; its answer is not read. The name is resolved once, and the connection goes
 * to what came of it: a second look could find another address. Rejects with WebhookError.
 */
export async function post(
  { url, headers, body }: WebhookRequest,
  reach: OutgoingSettings['webhooks'],
  signal: AbortSignal,
  resolve: Resolve = byResolver,
): Promise<void> {
  const target = new URL(url);
  const host = target.hostname.replace(/^\[|\]$/g, '');
  const isAllowed = (address: string): boolean => mayBeCalled(address, reach.allowedAddresses);
  // Node resolves no address that is one already, so nothing below would look at it.
  if (isIP(host) !== 0 && !isAllowed(host)) throw new WebhookError('PrivateAddress');
  const { promise, resolve: answered, reject } = Promise.withResolvers<number>();
  const outgoing = request({
    method: 'POST',
    hostname: host,
    port: target.port === '' ? 443 : target.port,
    path: `${target.pathname}${target.search}`,
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    lookup: checked(resolve, isAllowed),
    agent: false,
    ...(reach.ca === null ? {} : { ca: [...rootCertificates, reach.ca] }),
    signal,
  });
  outgoing.on('error', reject);
  outgoing.on('response', (incoming) => {
    answered(incoming.statusCode ?? 0);
    incoming.destroy();
  });
  outgoing.end(body);
  const status = await promise.catch((error: unknown) => {
    throw new WebhookError(signal.aborted ? 'TimedOut' : reasonOf(error));
  });
  if (status < 200 || status > 299) throw new WebhookError(`Status ${status}`);
}

/** As `net.connect` wants it: of the addresses of the name those that may be called. */
function checked(resolve: Resolve, isAllowed: (address: string) => boolean): LookupFunction {
  return (host, options, done) => {
    resolve(host).then(
      (all) => {
        const allowed = all.filter(({ address }) => isAllowed(address));
        const [first] = allowed;
        if (first === undefined) done(new WebhookError('PrivateAddress'), '', 0);
        else if (options.all === true) done(null, [...allowed]);
        else done(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => done(error, '', 0),
    );
  };
}

/** Codes of Node and OpenSSL are constants; messages may quote names. */
function reasonOf(error: unknown): string {
  if (error instanceof WebhookError) return error.message;
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? code : 'Failed';
}
