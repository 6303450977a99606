import { planDigest } from '#model/digest.ts';
import { DEFAULT_RAILS } from '#model/loosened.ts';
import type { Json } from '#model/record.ts';
import type { StepAction } from '#model/step.ts';
import type { ApprovalClaim } from '#protocol/management.ts';
import { MANAGER, newIdentity, OTHER_MANAGER, record, type TestVault } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { attack } from './attack.ts';
import { ofStep } from './outcome.ts';

const applied = { displayName: null, rails: DEFAULT_RAILS } as unknown as Json;
const organization = (vault: TestVault, manager: string) => ({
  ...record('Organization', vault.vaultId, applied),
  manager,
});

attack({
  name: 'takes an organization over from its manager, which gave the lease back, by an approval that it only claims',
  actor: 'Thief of an automation credential',
  rule: 'rail 10',
  refused: ['NeedsApproval'],
  permittedBy: 'an approval of the owner in the vault',
  async world() {
    const { vault } = await ownedVault();
    const settings = {
      kind: 'ApplySettings',
      key: vault.vaultId,
      before: null,
      after: DEFAULT_RAILS,
    } as const;
    await vault.step(settings, { record: organization(vault, MANAGER) });
    await vault.request('DELETE', '/lease', await vault.fence());
    const both = { managers: [MANAGER, OTHER_MANAGER], ceilings: { raises: 9, takeOvers: 9, loosenings: 9 } };
    const as = await newIdentity(vault.context, vault.vaultId, vault.owner, both);
    return { vault, as };
  },
  attack:
    () =>
    async (vault: TestVault, action: StepAction): Promise<ApprovalClaim> => ({
      digest: planDigest(vault.vaultId, [action]),
      approver: 'owner',
      via: 'PlanApproval',
      reference: 'made-up',
      reason: 'claimed',
    }),
  control: () => (vault: TestVault, action: StepAction) => vault.approved([action]),
  async calls({ vault, as }, approvalOf) {
    const { managedBy } = (await vault.changes('since=0&wait=0')).volatile;
    const action: StepAction = {
      kind: 'TakeOver',
      key: vault.vaultId,
      before: { manager: MANAGER, fencing: managedBy?.fencing ?? 0 },
      after: { manager: OTHER_MANAGER, namespace: organization(vault, OTHER_MANAGER).origin },
    };
    const fence = await vault.lease(OTHER_MANAGER, 'thief', as);
    const step = {
      action,
      record: organization(vault, OTHER_MANAGER),
      approval: await approvalOf(vault, action),
    };
    const [answer] = await vault.stepsUnapproved([step], { as, fence });
    return [ofStep(action.kind, answer?.status === 'Refused' ? answer.code : (answer?.status ?? 'none'))];
  },
});
