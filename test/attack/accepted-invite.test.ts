import { onTestFinished } from 'vitest';
import { acceptInvite, access, record, startTestVault } from '#test/builders/vault.ts';
import { attack } from './attack.ts';
import { ofStep } from './outcome.ts';

const CAROL = 'carol@acme.example';

attack({
  name: 'ends a membership by taking back the invite that led to it, on the budget of invites',
  actor: 'Thief of an automation credential',
  rule: 'rail 1',
  refused: ['StaleBefore'],
  permittedBy: 'an invite that nobody accepted',
  async world() {
    const vault = await startTestVault();
    onTestFinished(() => vault[Symbol.asyncDispose]());
    await vault.step(
      { kind: 'InviteMember', key: CAROL, before: null, after: access() },
      { record: record('Member', CAROL) },
    );
    const fence = await vault.fence();
    const actions = [{ kind: 'CancelInvite', key: CAROL, before: access(), after: null }];
    await vault.request('POST', '/reservations', { fence, class: 'invites', actions, approval: null });
    return vault;
  },
  attack: (vault) => acceptInvite(vault, CAROL),
  control: async () => {},
  async calls(vault) {
    const cancel = { kind: 'CancelInvite', key: CAROL, before: access(), after: null } as const;
    return [ofStep('CancelInvite', await vault.step(cancel))];
  },
});
