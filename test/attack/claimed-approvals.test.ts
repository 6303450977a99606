import { planDigest } from '#model/digest.ts';
import { DEFAULT_RAILS } from '#model/loosened.ts';
import { newIdentity, type SignedBy } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { attack } from './attack.ts';
import { ofStep } from './outcome.ts';

attack({
  name: 'loosens the rails, and names itself an approver, by an approval that it only claims',
  actor: 'Thief of an automation credential',
  rule: 'rail 1',
  refused: ['CeilingReached'],
  permittedBy: 'a ceiling of claimed approvals, which the owner set',
  world: async () => (await ownedVault()).vault,
  attack: (vault) => newIdentity(vault.context, vault.vaultId, vault.owner),
  control: (vault) => newIdentity(vault.context, vault.vaultId, vault.owner, { ceilings: { loosenings: 1 } }),
  async calls(vault, as: SignedBy) {
    const action = {
      kind: 'ApplySettings',
      key: vault.vaultId,
      before: null,
      after: { ...DEFAULT_RAILS, settleSeconds: 0, approvers: { users: ['thief'], groups: [], members: [] } },
    } as const;
    const digest = planDigest(vault.vaultId, [action]);
    const approval = {
      digest,
      approver: 'alice',
      via: 'PlanApproval',
      reference: 'made-up',
      reason: 'claimed',
    } as const;
    const [answer] = await vault.steps([{ action, approval }], { as });
    return [ofStep(action.kind, answer?.status === 'Refused' ? answer.code : (answer?.status ?? 'none'))];
  },
});
