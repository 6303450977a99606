/**
 * The headers of a request of automation that are signed with it (design §7): V1 and A4.
 *
 * Decides A4: how provenance travels with a write.
 */
import { createHash, createHmac } from 'node:crypto';
import type { Context } from 'hono';
import type { Provenance } from '#model/record.ts';
import { provenance } from '#protocol/schemas.ts';
import type { DelegatedWrite } from '../automation/delegated-writes.ts';
import { DomainError } from '../common/domain-error.ts';
import type { ManagementEnv } from './parts.ts';

/** Far above all fields of it; what Node takes of headers together is 16 KiB. */
const LONGEST_PROVENANCE = 8192;

/** `Provenance`, JSON; empty where there is none. Throws DomainError `InvalidRequest`. */
export function provenanceOf(c: Context<ManagementEnv>): Provenance {
  const text = c.req.header('provenance');
  if (text === undefined) return {};
  const result = provenance.safeParse(text.length > LONGEST_PROVENANCE ? null : parsed(text));
  if (result.success) return result.data;
  throw invalid(
    'Provenance: must be JSON in ASCII with any of commit, path, author, changeUrl, fieldManager, changedAt, repository, notFromGit.',
  );
}

/** `Idempotency-Key` and `If-Match` of a write. Throws DomainError `InvalidRequest`. */
export function writeOf(c: Context<ManagementEnv>, body: Uint8Array): DelegatedWrite {
  const ifMatch = c.req.header('if-match') ?? null;
  const sent = c.req.header('idempotency-key');
  if (sent === undefined) return { ifMatch, key: null };
  if (!/^[\x21-\x7e]{1,255}$/.test(sent)) {
    throw invalid('Idempotency-Key: must be 1 to 255 visible ASCII characters.');
  }
  const requestHash = createHmac('sha256', sent)
    .update(`${c.req.method} ${c.env.incoming.url ?? ''}\n`)
    .update(body)
    .digest('hex');
  return { ifMatch, key: { hash: createHash('sha256').update(sent).digest('hex'), requestHash } };
}

/** That of a request that changes nothing. Throws DomainError `InvalidRequest` where one with a body says otherwise. */
export function unwritten(
  c: Context<ManagementEnv>,
  { method }: { readonly method: string },
): DelegatedWrite {
  const sent = ['idempotency-key', 'if-match'].find((name) => c.req.header(name) !== undefined);
  if (method !== 'get' && sent !== undefined) throw invalid(`${sent}: this request changes nothing.`);
  return { ifMatch: null, key: null };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function invalid(detail: string): DomainError {
  return new DomainError({ code: 'InvalidRequest', status: 400, detail, next: 'Correct the header.' });
}
