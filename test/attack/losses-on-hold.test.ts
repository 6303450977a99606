import { onTestFinished } from 'vitest';
import { planDigest } from '#model/digest.ts';
import type { StepAction } from '#model/step.ts';
import type { ApprovalClaim } from '#protocol/management.ts';
import { RAILS } from '#test/builders/desired.ts';
import { acceptInvite, access, record, startTestVault } from '#test/builders/vault.ts';
import { giveApproval } from '#vault/reconciliation/approvals.ts';
import { attack } from './attack.ts';
import { ofAnswer, ofStep } from './outcome.ts';

const BOB = 'bob@acme.example';
const REMOVAL: StepAction = {
  kind: 'RemoveMember',
  key: BOB,
  before: { ...access(), state: 'Active' },
  after: null,
};

attack({
  name: 'removes one person where rails.losses is Hold',
  actor: 'Rogue committer',
  rule: 'rail 1',
  refused: ['409 OverBudget', 'NotReserved'],
  permittedBy: 'an approval that the owner gave in the vault',
  async world() {
    const vault = await startTestVault();
    onTestFinished(() => vault[Symbol.asyncDispose]());
    const after = { ...RAILS, losses: 'Hold' } as const;
    await vault.step({ kind: 'ApplySettings', key: vault.vaultId, before: null, after });
    await vault.step(
      { kind: 'InviteMember', key: BOB, before: null, after: access() },
      { record: record('Member', BOB) },
    );
    await acceptInvite(vault, BOB);
    return vault;
  },
  attack: (): ApprovalClaim | null => null,
  async control(vault): Promise<ApprovalClaim> {
    const digest = planDigest(vault.vaultId, [REMOVAL]);
    const { id } = await vault.context.act(vault.vaultId, vault.owner, (act) =>
      giveApproval(act, digest, 'bob left'),
    );
    return { digest, approver: 'owner', via: 'Vault', reference: id, reason: 'bob left' };
  },
  async calls(vault, approval) {
    const asked = { fence: await vault.fence(), class: 'people', actions: [REMOVAL], approval };
    return [
      ofAnswer('POST /reservations', await vault.request('POST', '/reservations', asked)),
      ofStep('RemoveMember', await vault.step(REMOVAL)),
    ];
  },
});
