import { onTestFinished } from 'vitest';
import type { MemberAccess } from '#model/organization.ts';
import type { StepAction } from '#model/step.ts';
import type { ApprovalClaim } from '#protocol/management.ts';
import { acceptInvite, access, record, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { owner } from '../integration/vault/world/people.ts';
import { attack } from './attack.ts';
import { type Outcome, ofStep } from './outcome.ts';

const KEEPER = 'keeper@acme.example';
const WRITER = 'writer@acme.example';
const FORMER = 'former@acme.example';
const DISMISSED = 'dismissed@acme.example';
const templateOf = (capabilities: Record<string, string[]>, projectScope: 'All' | string[] = 'All') => ({
  ...{ description: '', capabilities, projectScope },
});
const KEEPERS = templateOf({ Machines: ['Manage'] });
const WRITERS = templateOf({ Secrets: ['Manage'] }, ['Main']);

const set = (key: string, before: MemberAccess, after: Partial<MemberAccess>): StepAction => ({
  ...{ kind: 'SetMemberAccess', key, before, after: { ...before, ...after } },
});
const keeper = access({ template: 'keepers' });
const writer = access({ template: 'writers' });

/** Each way by which somebody comes to more than they had. */
const WAYS: Readonly<Record<string, StepAction>> = {
  'an invite as an admin': {
    ...{ kind: 'InviteMember', key: 'eve@elsewhere.example', before: null, after: access({ role: 'Admin' }) },
  },
  'an invite with a template that acts in all projects': {
    ...{ kind: 'InviteMember', key: 'mal@elsewhere.example', before: null },
    after: access({ template: 'everywhere' }),
  },
  'the role of a member': set(WRITER, writer, { role: 'Admin' }),
  'a grant to who keeps machines': set(KEEPER, keeper, { grants: [{ project: 'Main', access: 'Write' }] }),
  'a cell of a template that somebody holds': {
    ...{ kind: 'UpdateTemplate', key: 'keepers', before: KEEPERS },
    after: templateOf({ Machines: ['Manage'], 'Audit log': ['View others'] }),
  },
  'the scope of a template that somebody holds': {
    ...{
      kind: 'UpdateTemplate',
      key: 'writers',
      before: WRITERS,
      after: templateOf({ Secrets: ['Manage'] }),
    },
  },
  'an admin who was suspended': {
    ...{ kind: 'UnsuspendMember', key: FORMER, before: { state: 'Suspended' }, after: { state: 'Active' } },
  },
};

attack({
  name: 'makes somebody an admin, or gives them what leads to more, by whatever way',
  actor: 'Thief of an automation credential',
  rule: 'rail 2',
  refused: ['NeedsApproval'],
  permittedBy: 'an approval of each that the owner gave in the vault',
  async world() {
    const vault = await startTestVault();
    onTestFinished(() => vault[Symbol.asyncDispose]());
    const template = (key: string, after: ReturnType<typeof templateOf>) =>
      vault.step({ kind: 'CreateTemplate', key, before: null, after });
    await template('keepers', KEEPERS);
    await template('writers', WRITERS);
    await template('everywhere', templateOf({ Secrets: ['Manage'] }));
    await joined(vault, KEEPER, keeper);
    await joined(vault, WRITER, writer);
    for (const email of [FORMER, DISMISSED]) await joined(vault, email, access({ role: 'Admin' }));
    await vault.step({
      ...{ kind: 'SuspendMember', key: FORMER, before: { state: 'Active' }, after: { state: 'Suspended' } },
    });
    const boss = await owner(vault);
    await boss.ask('POST', `/vaults/${vault.vaultId}/members/${DISMISSED}/suspend`);
    return vault;
  },
  attack: () => false,
  control: () => true,
  async calls(vault, isApproved) {
    const outcomes: Outcome[] = [];
    const run = async (
      call: string,
      action: StepAction,
      more: { reinstate?: string } = {},
    ): Promise<void> => {
      const approval: ApprovalClaim | undefined = isApproved ? await vault.approved([action]) : undefined;
      const [answer] = await vault.stepsUnapproved([
        { action, ...more, ...(approval === undefined ? {} : { approval }) },
      ]);
      outcomes.push(ofStep(call, answer?.status === 'Refused' ? answer.code : (answer?.status ?? 'none')));
    };
    for (const [way, action] of Object.entries(WAYS)) await run(way, action);
    const [tombstone] = (await vault.snapshot()).tombstones;
    const back: StepAction = {
      ...{
        kind: 'UnsuspendMember',
        key: DISMISSED,
        before: { state: 'Suspended' },
        after: { state: 'Active' },
      },
    };
    await run('whom the owner suspended, by naming the entry', back, { reinstate: tombstone?.entry ?? '' });
    return outcomes;
  },
});

async function joined(vault: TestVault, key: string, after: MemberAccess): Promise<void> {
  const action: StepAction = { kind: 'InviteMember', key, before: null, after };
  await vault.steps([{ action, record: record('Member', key) }]);
  await acceptInvite(vault, key);
}
