import { newKeyPair } from '#identity/key-pair.ts';
import type { StepAction } from '#model/step.ts';
import { access, newIdentity, type SignedBy } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { attack } from './attack.ts';
import { ofStep } from './outcome.ts';

const generated = { generator: { length: 8, charset: 'Hex' } } as const;
const grant = access({ grants: [{ project: 'payments', access: 'Write' }] });
const STEPS: readonly StepAction[] = [
  { kind: 'CreateSecret', key: 'payments/planted', before: null, after: generated },
  { kind: 'InviteMember', key: 'thief@other.example', before: null, after: grant },
  { kind: 'RegisterMachine', key: 'planted', before: null, after: {} },
  {
    kind: 'SetMachineAccess',
    key: 'planted',
    before: { access: [] },
    after: { access: [{ project: 'payments', secrets: ['db'] }] },
  },
];

attack({
  name: 'reaches a project out of the bounds of the identity: a secret, a grant, a machine that reads',
  actor: 'Thief of an automation credential',
  rule: 'V4',
  refused: ['Forbidden'],
  permittedBy: 'the project among its bounds',
  async world() {
    const { vault } = await ownedVault();
    for (const key of ['web', 'payments']) {
      await vault.step({ kind: 'CreateProject', key, before: null, after: { description: '' } });
    }
    await vault.step({ kind: 'CreateSecret', key: 'payments/db', before: null, after: generated });
    return vault;
  },
  attack: (vault) => newIdentity(vault.context, vault.vaultId, vault.owner, { projects: ['web'] }),
  control: (vault) =>
    newIdentity(vault.context, vault.vaultId, vault.owner, { projects: ['web', 'payments'] }),
  async calls(vault, as: SignedBy) {
    const outcomes = [];
    for (const action of STEPS) {
      // A machine without access is in no project; what is asked is whether it gets into one.
      const publicKey = action.kind === 'RegisterMachine' ? { publicKey: newKeyPair().publicKey.text } : {};
      const [answer] = await vault.steps([{ action, ...publicKey }], { as });
      if (action.kind === 'RegisterMachine') continue;
      outcomes.push(
        ofStep(action.kind, answer?.status === 'Refused' ? answer.code : (answer?.status ?? 'none')),
      );
    }
    return outcomes;
  },
});
