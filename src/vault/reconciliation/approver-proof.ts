/**
 * By what an approver has proven who they are, beside how long ago (`people-api/reauthentication.ts`): whoever has a
 * password of theirs, and nothing else, is not to let raises through.
 *
 * Decides rail 2: by which proof an approval in the vault is given.
 */
import type { Kysely } from 'kysely';
import { DomainError } from '../common/domain-error.ts';
import { hasAnotherFactor } from '../sessions/factors.ts';
import type { Session } from '../sessions/sessions.ts';
import type { Database } from '../store/schema.ts';
import type { ProvenBy } from '../store/tables/sign-in-tables.ts';

export interface ApproverProof {
  readonly isOwner: boolean;
  /** The account has a second factor or a passkey. */
  readonly hasAnotherFactor: boolean;
  readonly provenBy: ProvenBy;
}

/** What is missing; null: nothing. A password alone counts where nothing else is set, and then of the owner alone. */
export function missingProof({
  isOwner,
  hasAnotherFactor,
  provenBy,
}: ApproverProof): 'factor' | 'proof' | null {
  if (hasAnotherFactor) return provenBy === 'Password' ? 'proof' : null;
  return isOwner ? null : 'factor';
}

/** Throws DomainError `ApproverNeedsSecondFactor` or `PasskeyProofNeeded`. */
export async function requireApproverProof(
  db: Kysely<Database>,
  { account, provenBy }: Pick<Session, 'account' | 'provenBy'>,
  isOwner: boolean,
): Promise<void> {
  const has = await hasAnotherFactor(db, account.id);
  switch (missingProof({ isOwner, hasAnotherFactor: has, provenBy })) {
    case null:
      return;
    case 'factor':
      throw new DomainError({
        code: 'ApproverNeedsSecondFactor',
        status: 403,
        detail:
          'An approver who is not the owner has a second factor or a passkey; your account has neither.',
        next: 'Enrol one first: POST /api/v1/me/second-factor, or add a passkey.',
      });
    // Where it is a second factor that is set, the session's proof counts for nothing already (`provenAt`).
    case 'proof':
      throw new DomainError({
        code: 'PasskeyProofNeeded',
        status: 403,
        detail: 'Your account has a passkey, so the password alone does not prove an approver.',
        next: 'Prove it by the passkey with POST /api/v1/sessions/current/proof, and send the request again.',
      });
  }
}
