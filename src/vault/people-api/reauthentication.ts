/**
 * What takes a proof of the person anew, however long the session is open (O1, V4).
 *
 * Decides O1: how recent the proof of the owner has to be.
 */
import { DomainError } from '../common/domain-error.ts';
import type { Session } from '../sessions/sessions.ts';

/** Five minutes, in milliseconds. */
const PROOF_LIFE = 5 * 60 * 1000;

/** Throws DomainError `ProofNeeded` unless the person of the session proved themselves in the last five minutes. */
export function requireRecentProof({ provenAt }: Pick<Session, 'provenAt'>, now: number): void {
  if (now - provenAt <= PROOF_LIFE) return;
  throw new DomainError({
    code: 'ProofNeeded',
    status: 403,
    detail: 'This takes a proof of who you are that is not older than five minutes.',
    next: 'Prove it with POST /api/v1/sessions/current/proof, and send the request again.',
  });
}
