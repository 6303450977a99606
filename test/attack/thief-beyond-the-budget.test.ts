import { onTestFinished } from 'vitest';
import { planDigest } from '#model/digest.ts';
import type { StepAction } from '#model/step.ts';
import type { ApprovalClaim } from '#protocol/management.ts';
import { acceptInvite, access, record, startTestVault } from '#test/builders/vault.ts';
import { giveApproval } from '#vault/reconciliation/approvals.ts';
import { attack } from './attack.ts';
import { ofAnswer, ofStep } from './outcome.ts';

const EMAILS = Array.from({ length: 8 }, (_, index) => `person-${index}@acme.example`);
const REMOVALS: readonly StepAction[] = EMAILS.map((key) => ({
  kind: 'RemoveMember',
  key,
  before: { ...access(), state: 'Active' },
  after: null,
}));

attack({
  name: 'removes everybody, without a reservation and by one beyond the budget of seven days',
  actor: 'Thief of an automation credential',
  rule: 'rail 1',
  refused: ['409 OverBudget', 'NotReserved'],
  permittedBy: 'an approval that the owner gave in the vault',
  async world() {
    const vault = await startTestVault();
    onTestFinished(() => vault[Symbol.asyncDispose]());
    await vault.steps(
      EMAILS.map((key) => ({
        action: { kind: 'InviteMember', key, before: null, after: access() } as const,
        record: record('Member', key),
      })),
    );
    for (const email of EMAILS) await acceptInvite(vault, email);
    return vault;
  },
  attack: (): ApprovalClaim | null => null,
  async control(vault): Promise<ApprovalClaim> {
    const digest = planDigest(vault.vaultId, REMOVALS);
    const { id } = await vault.context.act(vault.vaultId, vault.owner, (act) =>
      giveApproval(act, digest, 'the team was dissolved'),
    );
    return { digest, approver: 'owner', via: 'Vault', reference: id, reason: 'the team was dissolved' };
  },
  async calls(vault, approval) {
    const fence = await vault.fence();
    const asked = { fence, class: 'people', actions: REMOVALS, approval };
    const outcomes = [ofAnswer('POST /reservations', await vault.request('POST', '/reservations', asked))];
    for (const removal of REMOVALS) outcomes.push(ofStep('RemoveMember', await vault.step(removal)));
    return outcomes;
  },
});
