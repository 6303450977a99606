/** The machine plane on node:http: bytes in, an answer out. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Network, originOf, sourceOf } from '../http/network.ts';
import type { MachineAnswer } from './answer.ts';
import type { MachinePlane } from './machine-plane.ts';
import { MachineRefusal } from './refusal.ts';

/** Bodies are lists of ids at most. */
const LARGEST_BODY = 64 * 1024;

/** Whether a request target is the machine plane's. */
export function isMachineTarget(target: string): boolean {
  return target.startsWith('/v1/');
}

/**
 * Answers one request of the machine plane. Never rejects. What it answered is given back for the log of
 * requests; null where the client went away.
 */
export async function answerMachine(
  plane: MachinePlane,
  network: Network,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<MachineAnswer | null> {
  let body: Uint8Array | null;
  try {
    body = await bytesOf(incoming);
  } catch {
    return null;
  }
  const answer =
    body === null
      ? tooLarge()
      : await plane.answer({
          method: incoming.method ?? '',
          target: incoming.url ?? '',
          headers: incoming.headers,
          body,
          source: sourceOf(incoming, network),
          origin: originOf(incoming, network),
        });
  outgoing.writeHead(answer.status, {
    'content-type': answer.contentType ?? 'application/json',
    'content-length': Buffer.byteLength(answer.body),
    'cache-control': 'no-store',
    ...(answer.retryAfter === undefined ? {} : { 'retry-after': String(answer.retryAfter) }),
    // What was not read of a body that is too large would be taken for the next request.
    ...(body === null ? { connection: 'close' } : {}),
  });
  outgoing.end(answer.body);
  return answer;
}

/** Null where there is more than a body may have. Rejects where the client goes away. */
function bytesOf(incoming: IncomingMessage): Promise<Uint8Array | null> {
  if (
    incoming.headers['content-length'] === undefined &&
    incoming.headers['transfer-encoding'] === undefined
  ) {
    return Promise.resolve(new Uint8Array());
  }
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | null>();
  const chunks: Buffer[] = [];
  let length = 0;
  incoming.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > LARGEST_BODY) resolve(null);
    else chunks.push(chunk);
  });
  incoming.on('end', () => resolve(Buffer.concat(chunks)));
  incoming.on('error', reject);
  incoming.on('close', () => reject(new Error('the client went away')));
  return promise;
}

function tooLarge(): MachineAnswer {
  const { status, message, code } = new MachineRefusal('BodyTooLarge');
  return { status, body: JSON.stringify({ error: message }), machineId: null, outcome: code };
}
