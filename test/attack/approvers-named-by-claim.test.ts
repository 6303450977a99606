import type { StepAction } from '#model/step.ts';
import type { ApprovalClaim } from '#protocol/management.ts';
import { RAILS } from '#test/builders/desired.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { attack } from './attack.ts';
import { ofStep } from './outcome.ts';

const after = { ...RAILS, approvers: { users: [], groups: [], members: ['accomplice@acme.example'] } };

attack({
  name: 'names an accomplice an approver, by a PlanApproval that it claims there is',
  actor: 'Thief of an automation credential',
  rule: 'rail 2',
  refused: ['NeedsApproval'],
  permittedBy: 'an approval that the owner gave in the vault',
  async world() {
    const { vault } = await ownedVault();
    const settings: StepAction = { kind: 'ApplySettings', key: vault.vaultId, before: null, after };
    return { vault, settings, given: await vault.approved([settings]) };
  },
  attack: ({ given }): ApprovalClaim => ({ ...given, via: 'PlanApproval', reference: 'approve-1' }),
  control: ({ given }): ApprovalClaim => given,
  calls: async ({ vault, settings }, approval) => [
    ofStep('ApplySettings', await vault.step(settings, { approval })),
  ],
});
