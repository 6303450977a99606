import { handoverOf, type ShownLease } from '#cli/person/handover.ts';
import { MANAGER } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { attack } from './attack.ts';
import { ofAnswer } from './outcome.ts';

attack({
  name: 'asks for the lease after the owner saw who waits for it, so that the owner hands it to the thief',
  actor: 'Thief of an automation credential',
  rule: 'rail 10',
  refused: ['409 ManagementConflict'],
  permittedBy: 'that it had asked before the owner looked',
  async world() {
    const { vault, boss, clock } = await ownedVault();
    await vault.lease(MANAGER, 'a cluster that is gone');
    clock.advance(2 * 60_000);
    return { vault, boss };
  },
  attack: () => ['the new cluster', 'the thief'],
  control: () => ['the thief', 'the new cluster'],
  async calls({ vault, boss }, [before = '', after = '']: readonly string[]) {
    const asks = (installation: string) =>
      vault.request('POST', '/lease', { manager: MANAGER, installation });
    await asks(before);
    const { body } = await boss.ask<ShownLease>('GET', `/vaults/${vault.vaultId}/lease`);
    await asks(after);
    const handover = { reason: 'moved', ...handoverOf(body, {}) };
    await boss.ask('POST', `/vaults/${vault.vaultId}/lease/handovers`, handover);
    return [ofAnswer('POST /lease', await asks('the thief'))];
  },
});
