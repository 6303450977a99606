/**
 * Bytes of a request as they came, and no more of them than may be held (V7).
 *
 * Decides V7: how many bytes a request brings.
 */
import type { IncomingMessage } from 'node:http';
import { LARGEST_BODY } from '#protocol/management.ts';
import { DomainError } from '../common/domain-error.ts';

/** What is held of a sender who has not proved itself yet. */
export const LARGEST_UNPROVEN = 256 * 1024;

/** The length that is declared; null where it is not (chunks). Throws 413 `BodyTooLarge`. */
export function declaredLength({ headers }: Pick<IncomingMessage, 'headers'>): number | null {
  if (headers['transfer-encoding'] !== undefined) return null;
  const length = Number(headers['content-length'] ?? 0);
  if (length > LARGEST_BODY) throw tooLarge(LARGEST_BODY);
  return length;
}

/**
 * All of it, at most `limit` bytes; throws 413 `BodyTooLarge` beyond. Hono's body limit is not used: it makes a new
 * global Request of what was read, which its node server, told to leave the globals alone, cannot give it.
 */
export async function bytesOf(incoming: IncomingMessage, limit: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > limit) throw tooLarge(limit);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof DomainError) throw error;
    // The client went away, or was cut for being slow: nobody reads this, and nothing of ours failed.
    throw new DomainError({
      code: 'BodyCutShort',
      status: 400,
      detail: 'The body did not come to its end.',
      next: 'Send the request again.',
    });
  }
  return Buffer.concat(chunks);
}

function tooLarge(limit: number): DomainError {
  return new DomainError({
    code: 'BodyTooLarge',
    status: 413,
    detail: `A body has at most ${limit} bytes${limit < LARGEST_BODY ? ' where no Content-Digest is sent' : ''}.`,
    next:
      limit < LARGEST_BODY
        ? 'Send Content-Digest (RFC 9530, sha-256), so that the signature is checked before the body is read.'
        : 'Send fewer steps in one request.',
  });
}
