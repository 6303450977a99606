import { DEFAULT_RAILS } from '#model/loosened.ts';
import type { Json } from '#model/record.ts';
import type { StepAction } from '#model/step.ts';
import { MANAGER, newIdentity, OTHER_MANAGER, record, type TestVault } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { attack } from './attack.ts';
import { ofStep } from './outcome.ts';

const applied = { displayName: null, rails: DEFAULT_RAILS } as unknown as Json;
const organization = (vault: TestVault, manager: string, origin: string) => ({
  ...record('Organization', vault.vaultId, applied),
  ...{ manager, origin },
});

attack({
  name: 'has an approved take-over bring everything that stood beside the Organization to a namespace of its own',
  actor: 'Thief of an automation credential',
  rule: 'rail 10',
  refused: ['Invalid'],
  permittedBy: 'the namespace that was approved',
  async world() {
    const { vault } = await ownedVault();
    const settings = {
      kind: 'ApplySettings',
      key: vault.vaultId,
      before: null,
      after: DEFAULT_RAILS,
    } as const;
    await vault.step(settings, { record: organization(vault, MANAGER, 'fleet') });
    await vault.request('DELETE', '/lease', await vault.fence());
    const as = await newIdentity(vault.context, vault.vaultId, vault.owner, {
      managers: [MANAGER, OTHER_MANAGER],
    });
    return { vault, as };
  },
  attack: () => 'namespace-of-the-thief',
  control: () => 'acme',
  async calls({ vault, as }, origin) {
    const { managedBy } = (await vault.changes('since=0&wait=0')).volatile;
    const action: StepAction = {
      kind: 'TakeOver',
      key: vault.vaultId,
      before: { manager: MANAGER, fencing: managedBy?.fencing ?? 0 },
      after: { manager: OTHER_MANAGER, namespace: 'acme' },
    };
    const fence = await vault.lease(OTHER_MANAGER, 'thief', as);
    const step = {
      action,
      record: organization(vault, OTHER_MANAGER, origin),
      approval: await vault.approved([action]),
    };
    const [answer] = await vault.stepsUnapproved([step], { as, fence });
    return [ofStep(action.kind, answer?.status === 'Refused' ? answer.code : (answer?.status ?? 'none'))];
  },
});
