import { MANAGER } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { attack } from './attack.ts';
import { ofAnswer } from './outcome.ts';

attack({
  name: 'manages from a clone of the cluster, while the cluster itself is away without having given the lease back',
  actor: 'Thief of an automation credential',
  rule: 'rail 10',
  refused: ['409 ManagementConflict'],
  permittedBy: 'the word of the owner, in the vault, that the lease goes to it',
  async world() {
    const { vault, clock, boss } = await ownedVault();
    await vault.lease(MANAGER, 'the cluster itself');
    clock.advance(2 * 60_000);
    return { vault, boss };
  },
  attack: () => false,
  control: () => true,
  async calls({ vault, boss }, isHandedOver) {
    const asked = { manager: MANAGER, installation: 'its clone' };
    if (isHandedOver) {
      const from = { manager: MANAGER, installation: 'the cluster itself' };
      const handover = { reason: 'moved', from, to: asked };
      await boss.ask('POST', `/vaults/${vault.vaultId}/lease/handovers`, handover);
    }
    return [ofAnswer('POST /lease', await vault.request('POST', '/lease', asked))];
  },
});
