import { access, MANAGER, newIdentity, OTHER_MANAGER, type SignedBy } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { attack } from './attack.ts';
import { ofStep } from './outcome.ts';

attack({
  name: 'writes under the lease of another manager, whose number everybody sees who observes',
  actor: 'Thief of an automation credential',
  rule: 'V4',
  refused: ['Forbidden'],
  permittedBy: 'that manager among its own',
  world: async () => (await ownedVault()).vault,
  attack: (vault) => newIdentity(vault.context, vault.vaultId, vault.owner, { managers: [OTHER_MANAGER] }),
  control: (vault) => newIdentity(vault.context, vault.vaultId, vault.owner, { managers: [MANAGER] }),
  async calls(vault, as: SignedBy) {
    await vault.fence();
    const { volatile } = await vault.changes('since=0&wait=0');
    const { manager = '', installation = '', fencing = 0 } = volatile.lease ?? {};
    const action = {
      kind: 'InviteMember',
      key: 'thief@other.example',
      before: null,
      after: access(),
    } as const;
    const [answer] = await vault.steps([{ action }], { as, fence: { manager, installation, fencing } });
    return [ofStep(action.kind, answer?.status === 'Refused' ? answer.code : (answer?.status ?? 'none'))];
  },
});
