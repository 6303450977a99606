import { onTestFinished } from 'vitest';
import type { StepAction } from '#model/step.ts';
import { acceptInvite, access, record, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { setFreeze } from '#vault/reconciliation/lease.ts';
import { attack } from './attack.ts';
import { ofAnswer, ofStep } from './outcome.ts';

const BOB = 'bob@acme.example';
const SUSPENSION: StepAction = {
  ...{ kind: 'SuspendMember', key: BOB },
  ...{ before: { state: 'Active' }, after: { state: 'Suspended' } },
};
const INVITE: StepAction = { kind: 'InviteMember', key: 'x@acme.example', before: null, after: access() };

const freeze = (vault: TestVault, all: boolean | null) =>
  vault.context.act(vault.vaultId, vault.owner, (act) =>
    setFreeze(act, all === null ? null : { by: 'owner', reason: 'a credential was stolen', all }),
  );

attack({
  name: 'writes to a vault where the owner froze everything: a suspension, an invite, what is held and seen',
  actor: 'Thief of an automation credential',
  rule: 'rail 12',
  refused: ['Frozen', '423 Frozen'],
  permittedBy: 'the thaw of the owner',
  async world() {
    const vault = await startTestVault();
    onTestFinished(() => vault[Symbol.asyncDispose]());
    await vault.step(
      { kind: 'InviteMember', key: BOB, before: null, after: access() },
      { record: record('Member', BOB) },
    );
    await acceptInvite(vault, BOB);
    await freeze(vault, true);
    // Automation freezes too, and loosens nothing by it.
    await vault.request('POST', '/freeze', { reason: 'never mind' });
    return vault;
  },
  attack: () => undefined,
  control: async (vault) => {
    await freeze(vault, null);
  },
  async calls(vault) {
    const fence = await vault.fence();
    const reserving = { fence, class: 'suspensions', actions: [SUSPENSION], approval: null };
    const asked = async (path: string, body: object) =>
      ofAnswer(`POST ${path}`, await vault.request('POST', path, body));
    return [
      await asked('/reservations', reserving),
      await asked('/holds', { fence, holds: [] }),
      await asked('/sightings', { fence, sightings: [] }),
      ofStep('SuspendMember', await vault.stepUnapproved(SUSPENSION)),
      ofStep('InviteMember', await vault.stepUnapproved(INVITE)),
    ];
  },
});
