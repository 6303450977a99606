/**
 * Approvals (design §6): given by a person in the vault, or claimed by the operator from a PlanApproval.
 *
 * Decides rail 2: whose approvals in the vault count, and until when.
 */
import type { Kysely } from 'kysely';
import { canonicalJson, sha256, stepHash } from '#model/digest.ts';
import type { ClaimedClass } from '#model/gains.ts';
import type { VaultApproval } from '#model/loss.ts';
import { hashSet, isMember } from '#model/membership.ts';
import type { Approved } from '#model/record.ts';
import type { ApprovalClaim, ReservationRequest, StepRequest } from '#protocol/management.ts';
import { actorName } from '../act/actor.ts';
import type { Act } from '../act/context.ts';
import { coverClaimed } from '../automation/ceilings.ts';
import { type DomainError, refuse } from '../common/domain-error.ts';
import { byText } from '../common/scope.ts';
import { isNamedApprover } from '../managed/applied-settings.ts';
import { isActive } from '../store/active-members.ts';
import type { ApprovalTable, Database, MemberTable, VaultTable } from '../store/schema.ts';

/** How long an approval is valid: 24 h, in milliseconds. */
const APPROVAL_LIFE = 24 * 60 * 60 * 1000;

/** The approvals that people gave in the vault who approve now, unused and not over. */
export async function vaultApprovals(
  db: Kysely<Database>,
  vault: Pick<VaultTable, 'id' | 'settings'>,
  now: number,
): Promise<VaultApproval[]> {
  const rows = await db
    .selectFrom('approvals')
    .innerJoin('members', 'members.id', 'approvals.member_id')
    .select(['approvals.id', 'digest', 'approver', 'reason', 'at', 'expires_at'])
    .select(['email', 'role', 'state', 'ends_at'])
    .where('approvals.vault_id', '=', vault.id)
    .where('via', '=', 'Vault')
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .execute();
  return rows
    .filter((giver) => approves(vault, giver, now))
    .map(({ id, digest, approver, role, reason, at, expires_at }) => ({
      id,
      digest,
      approver,
      byOwner: role === 'Owner',
      reason,
      at,
      expiresAt: expires_at,
    }))
    .sort((a, b) => a.at - b.at || byText(a.id, b.id));
}

/** Whether a member's approval counts: who was removed, suspended, taken off the rails or has ended since releases nothing. */
function approves(
  vault: Pick<VaultTable, 'settings'>,
  giver: Pick<MemberTable, 'state' | 'ends_at' | 'role' | 'email'>,
  now: number,
): boolean {
  const { role, email } = giver;
  return isActive(giver, now) && (role === 'Owner' || isNamedApprover(vault, email));
}

/** A member approves the plan of that digest. The caller has checked that they may, and how they proved themselves. */
export async function giveApproval(act: Act, digest: string, reason: string): Promise<VaultApproval> {
  if (act.actor.type !== 'member') throw new Error('approvals in the vault are given by members');
  const id = act.ids.make('apr');
  const approval = { id, digest, approver: actorName(act.actor), reason, at: act.now };
  const expires_at = act.now + APPROVAL_LIFE;
  await act.db
    .insertInto('approvals')
    .values({
      ...approval,
      vault_id: act.vault.id,
      via: 'Vault',
      expires_at,
      used_at: null,
      member_id: act.actor.memberId,
    })
    .execute();
  await act.audit({
    action: 'approval.given',
    subject: { kind: 'Approval', key: id },
    details: { digest, reason },
  });
  return { ...approval, byOwner: act.actor.role === 'Owner', expiresAt: expires_at };
}

/** How long after its first use the other classes and steps under its digest may use an approval: 1 h. */
const USE_WINDOW = 60 * 60 * 1000;

/** Steps, and how they are shown to be under the digest: one by its proof, several by the hashes of all; without, they are all. */
type ClaimedSteps =
  | Pick<StepRequest, 'action' | 'approvalProof'>
  | Pick<ReservationRequest, 'actions' | 'approvedHashes'>;

export interface ApprovalUse {
  readonly claim: ApprovalClaim;
  /** What the approval is claimed for. */
  readonly steps: ClaimedSteps;
  /** A loss class, or the hash of a step that is no loss; each once. */
  readonly purpose: string;
  /** No other approver's counts. */
  readonly byOwnerAlone?: boolean;
  /** What a claimed approval counts toward the ceiling with; null: losses, which count where they are reserved. */
  readonly counts: { readonly class: ClaimedClass; readonly units: number } | null;
}

/**
 * Uses an approval. Throws `Forbidden` where it covers something else, is over, was used, or is not there, `NeedsApproval` where it
 * takes the owner's and is another's, and `CeilingReached` where it is claimed and the delegation leaves such to approvals that are given in the vault. Answers who
 * gave it.
 */
export async function useApproval(act: Act, use: ApprovalUse): Promise<Approved> {
  const { claim, steps, purpose, counts } = use;
  if (!isUnder(act.vault.id, claim.digest, steps)) {
    throw refuse('Forbidden', 'The approval is for another plan.', 'Approve the digest of this plan.');
  }
  if (claim.via === 'PlanApproval' && counts !== null && act.actor.type === 'automation') {
    await coverClaimed(act, act.actor, counts.class, counts.units);
  }
  const approval =
    claim.via === 'Vault' ? await given(act, claim, use.byOwnerAlone === true) : await claimed(act, claim);
  if (approval.used_at === null) {
    await act.db.updateTable('approvals').set({ used_at: act.now }).where('id', '=', approval.id).execute();
  } else if (approval.used_at + USE_WINDOW <= act.now) {
    throw usedAlready();
  }
  const { numInsertedOrUpdatedRows } = await act.db
    .insertInto('approval_uses')
    .values({ approval_id: approval.id, purpose })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows !== 1n) throw usedAlready();
  return { by: approval.approver, via: claim.via, at: act.now };
}

function isUnder(vaultId: string, digest: string, steps: ClaimedSteps): boolean {
  if ('action' in steps) return isMember(digest, stepHash(vaultId, steps.action), steps.approvalProof ?? []);
  const hashes = steps.actions.map((action) => stepHash(vaultId, action));
  const all = hashSet(steps.approvedHashes ?? hashes);
  const covered = new Set(all.hashes);
  return all.digest === digest && hashes.every((hash) => covered.has(hash));
}

async function given(act: Act, claim: ApprovalClaim, byOwnerAlone: boolean): Promise<ApprovalTable> {
  const row = await approvalRow(act, claim.reference);
  if (row?.via !== 'Vault' || row.digest !== claim.digest) {
    throw refuse(
      'Forbidden',
      'There is no such approval in the vault.',
      'Approve the plan with `seneschal approve DIGEST`.',
    );
  }
  if (row.expires_at <= act.now) {
    throw refuse('Forbidden', 'The approval is over.', 'Approve the plan again.');
  }
  const giver = await act.db
    .selectFrom('members')
    .select(['state', 'ends_at', 'role', 'email'])
    .where('id', '=', row.member_id)
    .executeTakeFirst();
  if (giver === undefined || !approves(act.vault, giver, act.now)) {
    throw refuse(
      'Forbidden',
      `${row.approver} gave the approval and approves here no more.`,
      'The owner or another approver approves the plan: `seneschal approve DIGEST`.',
    );
  }
  if (byOwnerAlone && giver.role !== 'Owner') {
    throw refuse(
      'NeedsApproval',
      `${row.approver} gave the approval and is not the owner, who alone names approvers.`,
      'The owner approves the plan in the vault: `seneschal approve DIGEST`.',
    );
  }
  return row;
}

/** The row that remembers the use of a PlanApproval; what the operator claims is written down at its first use. */
async function claimed(act: Act, claim: ApprovalClaim): Promise<ApprovalTable> {
  const id = sha256(canonicalJson([act.vault.id, claim.reference, claim.digest]));
  const known = await approvalRow(act, id);
  if (known !== undefined && known.expires_at > act.now) return known;
  // A PlanApproval is valid for a day: one of that name and digest after it is another decision.
  await act.db.deleteFrom('approvals').where('id', '=', id).execute();
  const row: ApprovalTable = {
    id,
    vault_id: act.vault.id,
    via: 'PlanApproval',
    digest: claim.digest,
    approver: claim.approver,
    reason: claim.reason,
    at: act.now,
    expires_at: act.now + APPROVAL_LIFE,
    used_at: null,
    member_id: null,
  };
  await act.db.insertInto('approvals').values(row).execute();
  return row;
}

function approvalRow(act: Act, id: string): Promise<ApprovalTable | undefined> {
  return act.db
    .selectFrom('approvals')
    .selectAll()
    .where('id', '=', id)
    .where('vault_id', '=', act.vault.id)
    .executeTakeFirst();
}

function usedAlready(): DomainError {
  return refuse('Forbidden', 'The approval was used already.', 'Approve the plan again.');
}
