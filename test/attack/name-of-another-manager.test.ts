import { MANAGER, newIdentity, type SignedBy } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { changeLimits } from '#vault/automation/automation-bound-changes.ts';
import { attack } from './attack.ts';
import { ofAnswer } from './outcome.ts';

attack({
  name: "takes the operator's name with the credential of another identity, for which the owner named no manager",
  actor: 'Thief of an automation credential',
  rule: 'V4',
  refused: ['403 Forbidden'],
  permittedBy: 'the owner, who names that manager for this identity',
  async world() {
    const { vault, clock } = await ownedVault();
    await vault.lease(MANAGER, 'operator');
    const as = await newIdentity(vault.context, vault.vaultId, vault.owner, { managers: undefined });
    // The operator is stopped: its lease has run out.
    clock.advance(60_000);
    return { vault, as };
  },
  attack: () => false,
  control: () => true,
  async calls({ vault, as }, named: boolean) {
    if (named) await nameManager(vault, as);
    // Everybody who observes sees by which installation the lease was held.
    const asked = { manager: MANAGER, installation: 'operator' };
    return [ofAnswer('POST /lease', await vault.request('POST', '/lease', asked, { as }))];
  },
});

function nameManager(vault: Awaited<ReturnType<typeof ownedVault>>['vault'], as: SignedBy): Promise<unknown> {
  return vault.context.act(vault.vaultId, vault.owner, (act) =>
    changeLimits(act, as.id, { managers: [MANAGER] }),
  );
}
