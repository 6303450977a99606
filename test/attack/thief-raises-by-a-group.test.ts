import { onTestFinished } from 'vitest';
import type { StepAction } from '#model/step.ts';
import type { ApprovalClaim } from '#protocol/management.ts';
import { acceptInvite, access, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { attack } from './attack.ts';
import { type Outcome, ofStep } from './outcome.ts';

const KEEPER = 'keeper@acme.example';
const KEEPERS = { description: '', capabilities: { Machines: ['Manage'] }, projectScope: 'All' } as const;
const WRITE = [{ project: 'Main', access: 'Write' }] as const;
const nobody = { description: '', members: [], grants: [] } as const;

/** Each way by which a group gives who keeps machines the secrets that those would read. */
const WAYS: readonly StepAction[] = [
  {
    kind: 'CreateGroup',
    key: 'planted',
    before: null,
    after: { ...nobody, members: [KEEPER], grants: WRITE },
  },
  {
    ...{ kind: 'UpdateGroup', key: 'writers', before: { ...nobody, grants: WRITE } },
    after: { ...nobody, members: [KEEPER], grants: WRITE },
  },
  {
    ...{ kind: 'UpdateGroup', key: 'keepers', before: nobody },
    after: { ...nobody, grants: WRITE },
  },
];

attack({
  name: 'gives somebody by a group what leads to more',
  actor: 'Thief of an automation credential',
  rule: 'rail 2',
  refused: ['NeedsApproval'],
  permittedBy: 'an approval of each that the owner gave in the vault',
  async world() {
    const vault = await startTestVault();
    onTestFinished(() => vault[Symbol.asyncDispose]());
    await vault.step({ kind: 'CreateTemplate', key: 'keepers', before: null, after: KEEPERS });
    await vault.step({
      ...{ kind: 'InviteMember', key: KEEPER, before: null, after: access({ template: 'keepers' }) },
    });
    await acceptInvite(vault, KEEPER);
    await vault.step({
      kind: 'CreateGroup',
      key: 'writers',
      before: null,
      after: { ...nobody, grants: WRITE },
    });
    await vault.step({
      ...{ kind: 'CreateGroup', key: 'keepers', before: null, after: { ...nobody, members: [KEEPER] } },
    });
    return vault;
  },
  attack: () => undefined,
  control: (vault) => vault,
  async calls(vault, approving: TestVault | undefined) {
    const outcomes: Outcome[] = [];
    for (const action of WAYS) {
      const approval: ApprovalClaim | undefined = await approving?.approved([action]);
      const [answer] = await vault.stepsUnapproved([
        { action, ...(approval === undefined ? {} : { approval }) },
      ]);
      outcomes.push(
        ofStep(
          `${action.kind} ${action.key}`,
          answer?.status === 'Refused' ? answer.code : (answer?.status ?? 'none'),
        ),
      );
      // Else the next one gives what they have already.
      if (answer?.status === 'Done') await takeBack(vault, action);
    }
    return outcomes;
  },
});

/** The owner does: it is none of what is tried. */
async function takeBack(vault: TestVault, { key }: StepAction): Promise<void> {
  await vault.context.act(vault.vaultId, vault.owner, async (act) => {
    await act.db.deleteFrom('groups').where('vault_id', '=', vault.vaultId).where('name', '=', key).execute();
    await act.audit({ action: 'vault.restored', subject: { kind: 'Group', key } });
  });
}
