/** One request as bytes on a connection of its own, and what came back; nothing in between repairs it. */
import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Null where the server closed the connection without an answer. Rejects where nothing comes for so long. */
export function sendRaw(port: number, request: Uint8Array, milliseconds: number): Promise<RawAnswer | null> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer | null>();
  const chunks: Buffer[] = [];
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  socket.setTimeout(milliseconds, () => {
    reject(new Error('the server does not answer'));
    socket.destroy();
  });
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // The server may close before it has read all of a body that it refuses.
  socket.on('error', () => undefined);
  socket.on('close', () => resolve(parsed(Buffer.concat(chunks))));
  socket.write(request);
  return promise;
}

function parsed(received: Buffer): RawAnswer | null {
  if (received.length === 0) return null;
  const end = received.indexOf('\r\n\r\n');
  // 100 Continue comes before the answer.
  if (received.subarray(0, end).toString('latin1').startsWith('HTTP/1.1 100')) {
    return parsed(received.subarray(end + 4));
  }
  const [first = '', ...lines] = received.subarray(0, end).toString('latin1').split('\r\n');
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  const rest = received.subarray(end + 4);
  const body = headers.get('transfer-encoding') === 'chunked' ? joined(rest) : rest;
  return { status: Number(first.split(' ')[1]), headers, body: body.toString('utf8') };
}

function joined(chunked: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < chunked.length; ) {
    const end = chunked.indexOf('\r\n', at);
    const length = Number.parseInt(chunked.subarray(at, end).toString('latin1'), 16);
    if (!(length > 0)) break;
    parts.push(chunked.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
  return Buffer.concat(parts);
}
