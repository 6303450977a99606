import type { StepAction } from '#model/step.ts';
import { ABILITIES } from '#protocol/management.ts';
import { access, newIdentity, type SignedBy } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { attack } from './attack.ts';
import { ofAnswer } from './outcome.ts';

const invite: StepAction = {
  kind: 'InviteMember',
  key: 'author@other.example',
  before: null,
  after: access({ role: 'Admin' }),
};

attack({
  name: 'writes by the credential of the job that plans pull requests, which was made without an ability',
  actor: 'Author of a pull request',
  rule: 'V4',
  refused: ['403 Forbidden'],
  permittedBy: 'the abilities of an identity that applies',
  async world() {
    const { vault } = await ownedVault();
    await vault.fence();
    return vault;
  },
  attack: (vault) => newIdentity(vault.context, vault.vaultId, vault.owner, { abilities: [] }),
  control: (vault) => newIdentity(vault.context, vault.vaultId, vault.owner, { abilities: ABILITIES }),
  async calls(vault, as: SignedBy) {
    const fence = await vault.fence();
    const steps = [{ idempotencyKey: 'one', action: invite, provenance: {} }];
    const { manager, installation, fencing } = fence;
    const lease = { manager, installation, fencing };
    return [
      ofAnswer('POST /lease', await vault.request('POST', '/lease', lease, { as })),
      ofAnswer('POST /steps', await vault.request('POST', '/steps', { fence, steps }, { as })),
      ofAnswer('POST /sync', await vault.request('POST', '/sync', { machines: [] }, { as })),
    ];
  },
});
