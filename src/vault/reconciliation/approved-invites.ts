/**
 * Rail 8: an approval that was given in the vault, of the plan that invites, lifts the bounds on invites for it.
 *
 * Decides rail 8: which invites leave whatever the bounds say.
 */
import { stepHash } from '#model/digest.ts';
import type { Approved } from '#model/record.ts';
import type { StepRequest } from '#protocol/management.ts';
import type { Act } from '../act/context.ts';
import { useApproval } from './approvals.ts';

/**
 * Who approved the step, where it is an invite under such an approval, which is used with it; null: nobody. What the invite raises uses it for itself. Throws
 * `Forbidden` for one that does not cover it.
 */
export async function inviteApproved(
  act: Act,
  { action, approval, approvalProof }: Pick<StepRequest, 'action' | 'approval' | 'approvalProof'>,
): Promise<Approved | null> {
  const isInvite = action.kind === 'InviteMember' || action.kind === 'ResendInvite';
  if (!isInvite || approval?.via !== 'Vault') return null;
  return useApproval(act, {
    claim: approval,
    steps: { action, approvalProof },
    purpose: `invite:${stepHash(act.vault.id, action)}`,
    counts: null,
  });
}
