/** The socket side of the server: how long it waits for whom (V7). */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Certificate } from './certificate.ts';
import { securityHeaders } from './security-headers.ts';

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
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
    refuseUnparsed(error, socket, tls !== undefined),
  );
  return server;
}

/** By the codes of node and its parser; all else is a request that is none. */
const STATUS: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

/** No request reached the planes, so there is nobody to answer but the socket. */
function refuseUnparsed({ code = '' }: NodeJS.ErrnoException, socket: Socket, isTls: boolean): void {
  if (code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const headers = { ...securityHeaders(isTls), 'content-length': '0', connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${STATUS[code] ?? '400 Bad Request'}\r\n${lines.join('')}\r\n`);
  // HTTP servers leave a connection half open: the other side would keep it for as long as it likes.
  socket.destroySoon();
}
