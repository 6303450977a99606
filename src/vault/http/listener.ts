/**
 * The socket side of the server: how long it waits for whom (V7).
 *
 * Decides V7: how long the server waits for whom.
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Certificate } from './certificate.ts';
import { refuseUnreadable } from './unreadable.ts';

/** Milliseconds. */
export interface Patience {
  /** For a handshake, and for the headers of a request. */
  readonly headers: number;
  /** For all of a request, its body too. */
  readonly request: number;
  /** Without a byte either way: longer than a long poll. */
  readonly silence: number;
}

const DEFAULT_PATIENCE: Patience = { headers: 10_000, request: 60_000, silence: 90_000 };
/** Longer than the pools of clients keep a connection, so that they and not we close it. */
const KEEP_ALIVE = 75_000;

interface ListenerOptions {
  readonly tls?: Certificate | undefined;
  readonly patience?: Patience | undefined;
}

/** A listener that cuts who is slower than its patience; it does not listen yet. */
export function openListener(
  listener: RequestListener,
  { tls, patience = DEFAULT_PATIENCE }: ListenerOptions,
): Server {
  const options = {
    headersTimeout: patience.headers,
    requestTimeout: patience.request,
    // How often node looks for those who are over their time.
    connectionsCheckingInterval: Math.min(1000, patience.headers),
    keepAliveTimeout: KEEP_ALIVE,
  };
  const server: Server =
    tls === undefined
      ? createServer(options, listener)
      : createTlsServer({ ...options, ...tls, handshakeTimeout: patience.headers }, listener);
  server.timeout = patience.silence;
  refuseUnreadable(server, tls !== undefined);
  return server;
}
