import { handoverOf, type ShownLease } from '#cli/person/handover.ts';
import type { StepAction } from '#model/step.ts';
import { acceptInvite, access, MANAGER, OTHER_MANAGER, record } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { attack } from './attack.ts';
import { ofAnswer, ofStep } from './outcome.ts';

const key = 'alice@acme.example';
const raise: StepAction = {
  kind: 'SetMemberAccess',
  key,
  before: access(),
  after: access({ projectScope: [] }),
};

attack({
  name: "writes to a vault that another namespace's Organization manages, while it is there and once it is gone",
  actor: 'Tenant of another namespace',
  rule: 'rail 11',
  refused: ['409 ManagementConflict', 'Foreign'],
  permittedBy: 'the name of the manager whose records these are',
  async world() {
    const { vault, boss } = await ownedVault();
    await vault.step(
      { kind: 'InviteMember', key, before: null, after: access() },
      { record: record('Member', key) },
    );
    await acceptInvite(vault, key);
    return { vault, boss };
  },
  attack: () => OTHER_MANAGER,
  control: () => MANAGER,
  async calls({ vault, boss }, manager) {
    const asked = { manager, installation: 'installation-1' };
    const lease = ofAnswer('POST /lease', await vault.request('POST', '/lease', asked));
    // The holder is gone: its lease is anybody's.
    const { body } = await boss.ask<ShownLease>('GET', `/vaults/${vault.vaultId}/lease`);
    const handover = { reason: 'gone', ...handoverOf(body, { free: true }) };
    await boss.ask('POST', `/vaults/${vault.vaultId}/lease/handovers`, handover);
    const fence = await vault.lease(manager, 'installation-2');
    const [answer] = await vault.steps([{ action: raise }], { fence });
    const said = answer?.status === 'Refused' ? answer.code : (answer?.status ?? 'none');
    return [lease, ofStep('SetMemberAccess', said)];
  },
});
