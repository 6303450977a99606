/** What node:http can make no request of is refused in the form of its plane too (V7); node's own answer has no body. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { DomainError } from '../common/domain-error.ts';
import { problemOf } from './problem.ts';
import { securityHeaders } from './security-headers.ts';

const REFUSALS: Readonly<
  Record<string, readonly [status: number, code: string, detail: string, next: string]>
> = {
  HPE_HEADER_OVERFLOW: [
    431,
    'HeadersTooLarge',
    'The headers are too large.',
    'Send fewer and shorter headers.',
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'BodyTooLarge', 'The chunk extensions are too large.', 'Send none.'],
  ERR_HTTP_REQUEST_TIMEOUT: [
    408,
    'RequestTimeout',
    'The request did not arrive in time.',
    'Send it again, at once and whole.',
  ],
};
const UNREADABLE = [
  400,
  'InvalidRequest',
  'This is no HTTP request.',
  'Speak HTTP/1.1; over TLS where the address is https.',
] as const;

/** What node says of the bytes; `rawPacket`: those that it stumbled over, often with the line of the request. */
interface ParseError extends Error {
  readonly code?: string;
  readonly rawPacket?: Buffer;
}

/** Answers on the socket itself and closes it: what follows cannot be told from the rest. */
export function refuseUnreadable(server: Server, isTls: boolean): void {
  server.on('clientError', (error: ParseError, socket: Socket) => {
    // Part of an answer is out already where bytes were written: nothing that follows would be read as one.
    if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
      socket.destroy(error);
      return;
    }
    const [status, code, detail, next] = REFUSALS[error.code ?? ''] ?? UNREADABLE;
    const isMachines = /^[A-Z]+ \/v1\//.test(error.rawPacket?.toString('latin1') ?? '');
    const [type, body] = isMachines
      ? ['application/json', { error: detail }]
      : ['application/problem+json', problemOf(new DomainError({ code, status, detail, next }))];
    const text = JSON.stringify(body);
    const head = [
      `HTTP/1.1 ${status} ${code}`,
      `content-type: ${type}`,
      `content-length: ${Buffer.byteLength(text)}`,
      ...Object.entries(securityHeaders(isTls)).map(([name, value]) => `${name}: ${value}`),
      'connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
    // HTTP servers leave a connection half open: the other side would keep it for as long as it likes.
    socket.destroySoon();
  });
}
