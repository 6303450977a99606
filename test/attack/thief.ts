/** A vault with people, templates and machines that a thief of the automation's credential could raise. */
import { newKeyPair } from '#identity/key-pair.ts';
import type { Capabilities } from '#model/capabilities.ts';
import { planDigest } from '#model/digest.ts';
import type { MemberAccess, ProjectScope } from '#model/organization.ts';
import type { StepAction } from '#model/step.ts';
import type { ApprovalClaim, StepRequest } from '#protocol/management.ts';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { acceptInvite, access, record, type TestVault } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import type { Act } from '#vault/act/context.ts';
import type { NewAutomation } from '#vault/automation/automations.ts';
import { disableMachineByPerson } from '#vault/machines/machine-state-acts.ts';
import { removeByPerson, suspendByPerson } from '#vault/members/member-acts.ts';
import { inviteMember, memberNamed, setState } from '#vault/members/members.ts';
import { createTemplate } from '#vault/templates/templates.ts';

/** Values of `web` and `payments`; none of them is to reach a thief. */
const VALUES = { 'web/cookie': 'planted-value-1', 'payments/db': 'planted-value-2' } as const;

export interface Robbed {
  readonly vault: TestVault;
  readonly secretIds: Readonly<Record<string, string>>;
  /** Audit entries of what people cut, by subject. */
  readonly cuts: ReadonlyMap<string, string>;
}

/** A step that would raise somebody: a subject of its own for each number, so that one does not spoil the next. */
export interface Raise {
  readonly name: string;
  /** Made before the thief comes; answers the audit entry of a cut by a person. */
  prepare(act: Act, number: number): Promise<string | undefined>;
  step(number: number, cut: string | undefined): Omit<StepRequest, 'idempotencyKey' | 'provenance'>;
  /** Whom acts of preparation invite. */
  readonly joins?: (number: number) => string;
}

const ADMIN = access({ role: 'Admin' });
const PLAIN = access();
const INVITING: Capabilities = { Organization: ['Invite'] };
const MANAGING: Capabilities = { Secrets: ['View', 'Manage'] };

const fields = (capabilities: Capabilities, projectScope: ProjectScope) => ({
  description: '',
  capabilities,
  projectScope,
});
const held = (template: string, more: Partial<MemberAccess> = {}) => access({ template, ...more });
const set = (key: string, before: MemberAccess, after: MemberAccess): StepAction => ({
  kind: 'SetMemberAccess',
  key,
  before,
  after,
});
const invite = (key: string, after: MemberAccess): StepAction => ({
  kind: 'InviteMember',
  key,
  before: null,
  after,
});

async function audited(act: Act, kind: string, key: string): Promise<undefined> {
  await act.audit({ action: 'test.prepared', subject: { kind, key } });
}

/** Somebody who is a member already. */
function someone(name: string, has: MemberAccess) {
  const email = (number: number): string => `${name}-${number}@acme.example`;
  return {
    email,
    joins: email,
    prepare: async (act: Act, number: number) => {
      await inviteMember(act, email(number), has);
      return audited(act, 'Member', email(number));
    },
  };
}

const toAdmin = someone('to-admin', PLAIN);
const toTemplate = someone('to-template', PLAIN);
const toAll = someone('to-all', held('writers', { projectScope: ['web'] }));
const toMachines = someone('to-machines', held('machinists'));
const underCells = (number: number): string => `cells-${number}`;
const underScope = (number: number): string => `scope-${number}`;
const cells = someone('cells', PLAIN);
const scope = someone('scope', PLAIN);
const away = someone('away', ADMIN);
const cutOff = someone('cut-off', ADMIN);
const removed = someone('removed', ADMIN);

/** Everything that raises a person, or gives back what a person cut, by every kind of step that can. */
export const RAISES: readonly Raise[] = [
  {
    name: 'InviteMember as an admin',
    prepare: async () => undefined,
    step: (number) => ({ action: invite(`new-admin-${number}@acme.example`, ADMIN) }),
  },
  {
    name: 'InviteMember with a template of vault-wide cells',
    prepare: async () => undefined,
    step: (number) => ({ action: invite(`new-inviter-${number}@acme.example`, held('inviters')) }),
  },
  {
    name: 'SetMemberAccess to an admin',
    ...toAdmin,
    step: (number) => ({ action: set(toAdmin.email(number), PLAIN, ADMIN) }),
  },
  {
    name: 'SetMemberAccess to a template of vault-wide cells',
    ...toTemplate,
    step: (number) => ({ action: set(toTemplate.email(number), PLAIN, held('inviters')) }),
  },
  {
    name: 'SetMemberAccess to the scope of all projects',
    ...toAll,
    step: (number) => ({
      action: set(toAll.email(number), held('writers', { projectScope: ['web'] }), held('writers')),
    }),
  },
  {
    name: 'SetMemberAccess with a grant where they manage machines',
    ...toMachines,
    step: (number) => ({
      action: set(
        toMachines.email(number),
        held('machinists'),
        held('machinists', { grants: [{ project: 'web', access: 'Write' }] }),
      ),
    }),
  },
  {
    name: 'UpdateTemplate with vault-wide cells',
    joins: cells.joins,
    prepare: async (act, number) => {
      await createTemplate(act, underCells(number), fields({}, []));
      await inviteMember(act, cells.email(number), held(underCells(number)));
      return audited(act, 'Member', cells.email(number));
    },
    step: (number) => ({
      action: {
        kind: 'UpdateTemplate',
        key: underCells(number),
        before: fields({}, []),
        after: fields(INVITING, []),
      },
    }),
  },
  {
    name: 'UpdateTemplate to all projects',
    joins: scope.joins,
    prepare: async (act, number) => {
      await createTemplate(act, underScope(number), fields(MANAGING, ['web']));
      await inviteMember(act, scope.email(number), held(underScope(number)));
      return audited(act, 'Member', scope.email(number));
    },
    step: (number) => ({
      action: {
        kind: 'UpdateTemplate',
        key: underScope(number),
        before: fields(MANAGING, ['web']),
        after: fields(MANAGING, 'All'),
      },
    }),
  },
  {
    name: 'UnsuspendMember of an admin',
    ...away,
    step: (number) => ({
      action: {
        kind: 'UnsuspendMember',
        key: away.email(number),
        before: { state: 'Suspended' },
        after: { state: 'Active' },
      },
    }),
  },
  {
    name: 'UnsuspendMember that names the cut of a person',
    ...cutOff,
    step: (number, reinstate) => ({
      action: {
        kind: 'UnsuspendMember',
        key: cutOff.email(number),
        before: { state: 'Suspended' },
        after: { state: 'Active' },
      },
      reinstate,
    }),
  },
  {
    name: 'InviteMember that names the cut of a person',
    ...removed,
    step: (number, reinstate) => ({ action: invite(removed.email(number), ADMIN), reinstate }),
  },
  {
    name: 'EnableMachine that names the cut of a person',
    prepare: async () => undefined,
    step: (number, reinstate) => ({
      action: {
        kind: 'EnableMachine',
        key: `disabled-${number}`,
        before: { enabled: false },
        after: { enabled: true },
      },
      reinstate,
    }),
  },
];

/** How a thief might have a step pass for approved; each is tried with each of `RAISES`. */
export const CLAIMS: readonly {
  readonly name: string;
  of(vault: TestVault, action: StepAction): Promise<ApprovalClaim | undefined> | ApprovalClaim | undefined;
}[] = [
  { name: 'without a claim', of: () => undefined },
  {
    name: 'claiming a PlanApproval',
    of: ({ vaultId }, action) => ({
      ...INVENTED,
      via: 'PlanApproval',
      digest: planDigest(vaultId, [action]),
    }),
  },
  {
    name: 'claiming an approval of the vault that nobody gave',
    of: ({ vaultId }, action) => ({ ...INVENTED, via: 'Vault', digest: planDigest(vaultId, [action]) }),
  },
  {
    name: 'claiming an approval of the vault for another plan',
    of: async (vault, action) => {
      const given = await vault.approved([HARMLESS]);
      return { ...given, digest: planDigest(vault.vaultId, [action]) };
    },
  },
];

const INVENTED = { approver: 'alice', reference: 'apr_0000000000000000', reason: 'reviewed' };
const HARMLESS: StepAction = { kind: 'CreateProject', key: 'p', before: null, after: { description: '' } };

/** The vault, with the subjects of each raise for each claim. `automation`: what the owner bounded the stolen identity to. */
export async function robbedVault(automation: Partial<NewAutomation> = {}): Promise<Robbed> {
  const { vault } = await ownedVault({ automation });
  const secretIds = await setValues(vault, VALUES);
  const owner = <T>(work: (act: Act) => Promise<T>): Promise<T> =>
    vault.context.act(vault.vaultId, vault.owner, work);
  await owner(async (act) => {
    await createTemplate(act, 'inviters', fields(INVITING, []));
    await createTemplate(act, 'writers', fields(MANAGING, 'All'));
    await createTemplate(act, 'machinists', fields({ Machines: ['View', 'Manage'] }, []));
    await audited(act, 'PermissionTemplate', 'inviters');
  });
  for (const raise of RAISES) {
    for (const number of CLAIMS.keys()) {
      await owner(async (act) => {
        await raise.prepare(act, number);
        await audited(act, 'Member', raise.name);
      });
      if (raise.joins !== undefined) await acceptInvite(vault, raise.joins(number));
    }
  }
  for (const number of CLAIMS.keys()) {
    await owner(async (act) => {
      await setState(act, (await memberNamed(act, away.email(number))).row, 'Suspended');
      await suspendByPerson(act, cutOff.email(number));
      await removeByPerson(act, removed.email(number));
    });
    await newMachine(vault, `disabled-${number}`, [{ project: 'web', secrets: ['cookie'] }]);
    await owner((act) => disableMachineByPerson(act, `disabled-${number}`));
  }
  const { tombstones } = await vault.snapshot();
  return { vault, secretIds, cuts: new Map(tombstones.map(({ key, entry }) => [key, entry])) };
}

/** A machine that the manager registered while nobody had stolen anything: its private half is in the cluster. */
export async function ownMachine(vault: TestVault, name: string) {
  const keys = newKeyPair();
  const access = [{ project: 'web', secrets: ['cookie'] }];
  const answers = await vault.steps([
    {
      action: { kind: 'RegisterMachine', key: name, before: null, after: {} },
      publicKey: keys.publicKey.text,
      record: record('MachineBinding', name, { access: [] }),
    },
    { action: { kind: 'SetMachineAccess', key: name, before: { access: [] }, after: { access } } },
  ]);
  const ids = answers.map((answer) => (answer.status === 'Done' ? answer.machineId : undefined));
  const [id] = ids;
  if (id === undefined || ids.includes(undefined)) throw new Error(`${name}: ${JSON.stringify(answers)}`);
  return { id, name, keys };
}
