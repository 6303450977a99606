/** A person approves what is beyond the budget of automation (design §5, §6). */
import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import type { PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { giveApproval } from './approvals.ts';
import { requireApproverProof } from './approver-proof.ts';

const approval = z.object({
  id: z.string(),
  digest: z.string(),
  approver: z.string(),
  byOwner: z.boolean(),
  reason: z.string(),
  at: z.int(),
  expiresAt: z.int(),
});

export function approvalRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/approvals',
    summary: 'Approve the plan of a digest, for 24 hours and once (design §5, §6); takes a recent proof',
    description:
      'By the owner, or an approver whom the rails last applied name (`approvers.members`). Proven by a second factor or a passkey: of the owner as soon as one is set, of others always.',
    operation: 'approve',
    proof: true,
    body: z.strictObject({
      digest: z.string().regex(/^[0-9a-f]{64}$/),
      reason: z.string().min(1).max(1024),
    }),
    answer: { status: 201, description: 'Approved.', schema: approval },
    act: async (act, { body, session, caller }) => {
      await requireApproverProof(act.db, session, caller.actor.role === 'Owner');
      return giveApproval(act, body.digest, body.reason);
    },
  });
}
