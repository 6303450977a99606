import type { StepAction } from '#model/step.ts';
import { access, newIdentity, record, type SignedBy } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { attack } from './attack.ts';
import { ofStep } from './outcome.ts';

const makers = { description: '', capabilities: { Machines: ['Manage'] }, projectScope: ['web'] } as const;
const mate = access({ grants: [{ project: 'web', access: 'Read' }] });
const STEPS: readonly StepAction[] = [
  { kind: 'CreateTemplate', key: 'planted', before: null, after: makers },
  { kind: 'UpdateTemplate', key: 'narrow', before: { ...makers, capabilities: {} }, after: makers },
  {
    kind: 'SetMemberAccess',
    key: 'mate@acme.example',
    before: mate,
    after: { ...mate, projectScope: ['web'], template: 'auditors' },
  },
  {
    kind: 'DeleteProject',
    key: 'payments',
    before: { description: '', secrets: [] },
    after: null,
  },
];

attack({
  name: 'hands out cells of the whole vault, by template and to a person, and destroys another project',
  actor: 'Thief of an automation credential',
  rule: 'V4',
  refused: ['Forbidden'],
  permittedBy: 'no bound to projects',
  async world() {
    const { vault } = await ownedVault();
    for (const key of ['web', 'payments']) {
      await vault.step(
        { kind: 'CreateProject', key, before: null, after: { description: '' } },
        { record: record('Project', key) },
      );
    }
    const templates = [
      ['narrow', { ...makers, capabilities: {} }],
      ['auditors', { ...makers, capabilities: { 'Audit log': ['View others'] } }],
    ] as const;
    for (const [key, after] of templates)
      await vault.step({ kind: 'CreateTemplate', key, before: null, after });
    await vault.step({ kind: 'InviteMember', key: 'mate@acme.example', before: null, after: mate });
    return vault;
  },
  attack: (vault) => newIdentity(vault.context, vault.vaultId, vault.owner, { projects: ['web'] }),
  control: (vault) => newIdentity(vault.context, vault.vaultId, vault.owner, { ceilings: { projects: 1 } }),
  async calls(vault, as: SignedBy) {
    const outcomes = [];
    for (const action of STEPS) {
      if (action.kind === 'DeleteProject') {
        // Refused by the bound all the same: the owner let the loss go.
        const fence = await vault.fence();
        const approval = await vault.approved([action]);
        const reservation = { fence, class: 'projects', actions: [action], approval };
        await vault.request('POST', '/reservations', reservation, { as });
      }
      const drop = action.kind === 'DeleteProject' ? { record: null } : {};
      const [answer] = await vault.steps([{ action, ...drop }], { as });
      const said = answer?.status === 'Refused' ? answer.code : (answer?.status ?? 'none');
      outcomes.push(ofStep(`${action.kind} ${action.key}`, said));
    }
    return outcomes;
  },
});
