/** Every step by which automation would raise somebody or take something over, each with what it needs to be there before. */
import { type KeyPair, newKeyPair } from '#identity/key-pair.ts';
import type { Capabilities } from '#model/capabilities.ts';
import type { Grant, MemberAccess, ProjectScope } from '#model/organization.ts';
import type { Json } from '#model/record.ts';
import { SecretValue } from '#model/secret-value.ts';
import type { StepAction, StepKind } from '#model/step.ts';
import type { StepRequest } from '#protocol/management.ts';
import { access, record } from '#test/builders/vault.ts';
import type { Act } from '#vault/act/context.ts';
import { removeMemberByPerson } from '#vault/groups/group-acts.ts';
import { changeGroup, createGroup } from '#vault/groups/groups.ts';
import { disableMachineByPerson } from '#vault/machines/machine-state-acts.ts';
import { machineNamed, registerMachine, setMachineAccess } from '#vault/machines/machines.ts';
import { removeByPerson, suspendByPerson } from '#vault/members/member-acts.ts';
import { inviteMember, memberNamed, setState } from '#vault/members/members.ts';
import { trashProject } from '#vault/projects/project-deletion.ts';
import { createProject, projectNamed } from '#vault/projects/projects.ts';
import { trashSecret } from '#vault/secrets/secret-deletion.ts';
import { setByPerson } from '#vault/secrets/secret-values.ts';
import { secretNamed } from '#vault/secrets/secrets.ts';
import { createTemplate } from '#vault/templates/templates.ts';

/** A step that would raise somebody: a subject of its own for each number, so that one does not spoil the next. */
export interface Raise {
  readonly name: string;
  /** Made before the thief comes. */
  prepare(act: Act, number: number): Promise<void>;
  /** What the owner does then, once they have joined. */
  readonly afterwards?: (act: Act, number: number) => Promise<void>;
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

const claim = (kind: 'MachineBinding' | 'Project', key: string, applied: Json) => ({
  action: { kind: 'Claim', key: `${kind}/${key}`, before: null, after: { kind, applied } } as const,
  record: record(kind, key, applied),
});

/** An end that is far away (M5). */
const SOME_DAY = Date.UTC(2990, 0, 1);

/** Somebody who is a member already. */
function someone(name: string, has: MemberAccess) {
  const email = (number: number): string => `${name}-${number}@acme.example`;
  return {
    email,
    joins: email,
    prepare: async (act: Act, number: number) => {
      await inviteMember(act, email(number), has);
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

const toLasting = someone('to-lasting', access({ role: 'Admin', expiresAt: SOME_DAY }));
const listed = someone('listed', held('machinists'));
const joining = someone('joining', held('machinists'));
const given = someone('given', held('machinists'));
const lasting = someone('lasting', held('machinists'));
const offList = someone('off-list', held('machinists'));

/** Invited as an admin, and did not answer. */
const ended = (number: number): string => `ended-${number}@acme.example`;

/** With Machines: Manage a raise (H1). */
const WRITE = [{ project: 'web', access: 'Write' }] as const;
const UNTIL = [{ project: 'web', access: 'Write', expiresAt: SOME_DAY }] as const;
const NOBODY = { description: '', members: [], grants: [] } as const;

const named =
  (name: string) =>
  (number: number): string =>
    `${name}-${number}`;
const groupMade = named('made');
const groupJoined = named('joined');
const groupGiven = named('given');
const groupLasting = named('lasting');
const groupLeft = named('left');

/** A group of people's with whoever it lists; what it gives. */
async function groupOfPeople(
  act: Act,
  name: string,
  members: readonly string[],
  grants: readonly Grant[],
): Promise<void> {
  await changeGroup(act, await createGroup(act, name, ''), NOBODY, { ...NOBODY, members, grants });
}

const READS = [{ project: 'web', secrets: ['cookie'] }];

/** A machine of people's, which no manager has a record of; with a key of its own. */
function machineOfPeople(name: string) {
  const keys = new Map<number, KeyPair>();
  const key = named(name);
  const fingerprintOf = (number: number): string => keys.get(number)?.publicKey.fingerprint ?? '';
  const prepare = async (act: Act, number: number): Promise<void> => {
    const pair = newKeyPair();
    keys.set(number, pair);
    await registerMachine(act, key(number), pair.publicKey);
    await setMachineAccess(act, await machineNamed(act, key(number)), READS);
  };
  return { key, prepare, fingerprintOf };
}

/** A project of people's with a secret in it, which no manager has a record of. */
function projectOfPeople(name: string) {
  const key = named(name);
  const prepare = async (act: Act, number: number): Promise<void> => {
    await createProject(act, key(number), '');
    await setByPerson(act, key(number), 'db', new SecretValue('planted-value-3'));
  };
  return { key, prepare };
}

/** A project whose only secret a person deletes, or all of which; what is in the trash is known by its id. */
function projectThatIsCut(name: string, cut: (act: Act, project: string) => Promise<void>) {
  const ids = new Map<number, { readonly project: string; readonly secret: string }>();
  const { key, prepare } = projectOfPeople(name);
  const afterwards = async (act: Act, number: number): Promise<void> => {
    const project = await projectNamed(act, key(number));
    const secret = await secretNamed(act, project, 'db');
    ids.set(number, { project: project.id, secret: secret.id });
    await cut(act, key(number));
  };
  return {
    key,
    prepare,
    afterwards,
    idsOf: (number: number) => ids.get(number) ?? { project: '', secret: '' },
  };
}

const trashedProject = projectThatIsCut('trashed-project', trashProject);
const trashedSecret = projectThatIsCut('trashed-secret', (act, project) => trashSecret(act, project, 'db'));
const leakedSecret = projectThatIsCut('leaked-secret', (act, project) => trashSecret(act, project, 'db'));
const remadeSecret = projectThatIsCut('remade-secret', (act, project) => trashSecret(act, project, 'db'));
const remadeProject = projectThatIsCut('remade-project', trashProject);
const GENERATOR = { length: 16, charset: 'Hex' } as const;

const keyedMachine = machineOfPeople('keyed');
const grantedMachine = machineOfPeople('granted');
const disabledMachine = machineOfPeople('disabled');
const claimedMachine = machineOfPeople('claimed-machine');
const describedProject = projectOfPeople('described');
const filledProject = projectOfPeople('filled');
const claimedProject = projectOfPeople('claimed-project');

/** What of a kind of step raises, or why nothing of it does. */
type OfKind = readonly [Raise, ...Raise[]] | string;

/**
 * Everything that raises a person, adopts what gives access, or gives back what a person cut. A kind of step that comes later
 * does not compile until somebody says what of it raises.
 */
const RAISING = {
  RenameOrganization: 'a name gives nothing',
  TakeOver: 'the records of a manager are no access, and none without the owner: take-over-by-claim',
  ApplySettings: 'a raise gives access, looser rails do not: losses-on-hold, approvers-named-by-claim',
  CreateTemplate: 'nobody holds it yet',
  UpdateTemplate: [
    {
      name: 'UpdateTemplate with vault-wide cells',
      joins: cells.joins,
      prepare: async (act, number) => {
        await createTemplate(act, underCells(number), fields({}, []));
        await inviteMember(act, cells.email(number), held(underCells(number)));
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
  ],
  DeleteTemplate: 'nobody may hold it',
  CreateGroup: [
    {
      name: 'CreateGroup with a grant to who manages machines',
      ...listed,
      step: (number) => ({
        action: {
          kind: 'CreateGroup',
          key: groupMade(number),
          before: null,
          after: { ...NOBODY, members: [listed.email(number)], grants: WRITE },
        },
      }),
    },
  ],
  UpdateGroup: [
    {
      name: 'UpdateGroup that lists who manages machines',
      joins: joining.joins,
      prepare: async (act, number) => {
        await groupOfPeople(act, groupJoined(number), [], WRITE);
        return joining.prepare(act, number);
      },
      step: (number) => ({
        action: {
          kind: 'UpdateGroup',
          key: groupJoined(number),
          before: { ...NOBODY, grants: WRITE },
          after: { ...NOBODY, members: [joining.email(number)], grants: WRITE },
        },
      }),
    },
    {
      name: 'UpdateGroup with a grant to who manages machines',
      joins: given.joins,
      prepare: async (act, number) => {
        await given.prepare(act, number);
        await groupOfPeople(act, groupGiven(number), [given.email(number)], []);
      },
      step: (number) => ({
        action: {
          kind: 'UpdateGroup',
          key: groupGiven(number),
          before: NOBODY,
          after: { ...NOBODY, grants: WRITE },
        },
      }),
    },
    {
      name: 'UpdateGroup to a grant that does not end',
      joins: lasting.joins,
      prepare: async (act, number) => {
        await lasting.prepare(act, number);
        await groupOfPeople(act, groupLasting(number), [lasting.email(number)], UNTIL);
      },
      step: (number) => ({
        action: {
          kind: 'UpdateGroup',
          key: groupLasting(number),
          before: { ...NOBODY, grants: UNTIL },
          after: { ...NOBODY, grants: WRITE },
        },
      }),
    },
    {
      name: 'UpdateGroup that names the cut of a person',
      joins: offList.joins,
      prepare: async (act, number) => {
        await offList.prepare(act, number);
        await groupOfPeople(act, groupLeft(number), [offList.email(number)], WRITE);
      },
      afterwards: (act, number) => removeMemberByPerson(act, groupLeft(number), offList.email(number)),
      step: (number, reinstate) => ({
        action: {
          kind: 'UpdateGroup',
          key: groupLeft(number),
          before: { ...NOBODY, grants: WRITE },
          after: { ...NOBODY, members: [offList.email(number)], grants: WRITE },
        },
        reinstate,
      }),
    },
  ],
  DeleteGroup: 'it only takes',
  CreateProject: [
    {
      name: 'CreateProject under a name that a person deleted, by its entry',
      ...remadeProject,
      step: (number, reinstate) => ({
        action: {
          kind: 'CreateProject',
          key: remadeProject.key(number),
          before: null,
          after: { description: '' },
        },
        reinstate,
      }),
    },
  ],
  RestoreProject: [
    {
      name: 'RestoreProject that names the cut of a person',
      ...trashedProject,
      step: (number, reinstate) => ({
        action: {
          kind: 'RestoreProject',
          key: trashedProject.key(number),
          before: null,
          after: { id: trashedProject.idsOf(number).project, description: '', secrets: ['db'] },
        },
        reinstate,
      }),
    },
  ],
  UpdateProject: [
    {
      name: 'UpdateProject of one with secrets, with its record',
      ...describedProject,
      step: (number) => ({
        action: {
          kind: 'UpdateProject',
          key: describedProject.key(number),
          before: { description: '' },
          after: { description: 'of the shop' },
        },
        record: record('Project', describedProject.key(number)),
      }),
    },
  ],
  DeleteProject: 'it only takes',
  CreateSecret: [
    {
      name: 'CreateSecret in a project with secrets, with its record',
      ...filledProject,
      step: (number) => ({
        action: {
          kind: 'CreateSecret',
          key: `${filledProject.key(number)}/new`,
          before: null,
          after: { generator: { length: 16, charset: 'Hex' } },
        },
        record: record('Project', filledProject.key(number)),
      }),
    },
    {
      name: 'CreateSecret under a name that a person deleted, by its entry',
      ...remadeSecret,
      step: (number, reinstate) => ({
        action: {
          kind: 'CreateSecret',
          key: `${remadeSecret.key(number)}/db`,
          before: null,
          after: { generator: GENERATOR },
        },
        reinstate,
      }),
    },
  ],
  RestoreSecret: [
    {
      name: 'RestoreSecret that names the cut of a person',
      ...trashedSecret,
      step: (number, reinstate) => ({
        action: {
          kind: 'RestoreSecret',
          key: `${trashedSecret.key(number)}/db`,
          before: null,
          after: { id: trashedSecret.idsOf(number).secret, newValue: null },
        },
        reinstate,
      }),
    },
    {
      name: 'RestoreSecret with a new value',
      ...leakedSecret,
      step: (number, reinstate) => ({
        action: {
          kind: 'RestoreSecret',
          key: `${leakedSecret.key(number)}/db`,
          before: null,
          after: { id: leakedSecret.idsOf(number).secret, newValue: GENERATOR },
        },
        reinstate,
      }),
    },
  ],
  InviteMember: [
    {
      name: 'InviteMember as an admin',
      prepare: async () => {},
      step: (number) => ({ action: invite(`new-admin-${number}@acme.example`, ADMIN) }),
    },
    {
      name: 'InviteMember with a template of vault-wide cells',
      prepare: async () => {},
      step: (number) => ({ action: invite(`new-inviter-${number}@acme.example`, held('inviters')) }),
    },
    {
      name: 'InviteMember that names the cut of a person',
      ...removed,
      afterwards: (act, number) => removeByPerson(act, removed.email(number)),
      step: (number, reinstate) => ({ action: invite(removed.email(number), ADMIN), reinstate }),
    },
  ],
  ResendInvite: [
    {
      name: 'ResendInvite of an admin, which ended',
      prepare: async (act, number) => {
        await inviteMember(act, ended(number), ADMIN);
        const { row } = await memberNamed(act, ended(number));
        await act.db.updateTable('invites').set({ expires_at: 0 }).where('member_id', '=', row.id).execute();
      },
      step: (number) => ({
        action: {
          ...{ kind: 'ResendInvite', key: ended(number) },
          ...{ before: { attempts: 1 }, after: { attempts: 2 } },
        },
      }),
    },
  ],
  CancelInvite: 'it only takes',
  SetMemberAccess: [
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
      name: 'SetMemberAccess of an admin to no end',
      ...toLasting,
      step: (number) => ({
        action: set(toLasting.email(number), access({ role: 'Admin', expiresAt: SOME_DAY }), ADMIN),
      }),
    },
  ],
  SuspendMember: 'it only takes',
  UnsuspendMember: [
    {
      name: 'UnsuspendMember of an admin',
      ...away,
      afterwards: async (act, number) =>
        setState(act, (await memberNamed(act, away.email(number))).row, 'Suspended'),
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
      afterwards: (act, number) => suspendByPerson(act, cutOff.email(number)),
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
  ],
  RemoveMember: 'it only takes',
  RegisterMachine: 'it reads nothing yet; how many come is a budget (stolen-credential-machines)',
  AddMachineKey: [
    {
      name: 'AddMachineKey to a machine of people',
      ...keyedMachine,
      step: (number) => {
        const { publicKey } = newKeyPair();
        return {
          action: {
            kind: 'AddMachineKey',
            key: keyedMachine.key(number),
            before: { fingerprints: [keyedMachine.fingerprintOf(number)] },
            after: { fingerprint: publicKey.fingerprint },
          },
          publicKey: publicKey.text,
        };
      },
    },
  ],
  RevokeKeyIfIdle: 'it only takes',
  SetMachineAccess: [
    {
      name: 'SetMachineAccess of a machine of people, with its record',
      ...grantedMachine,
      step: (number) => ({
        action: {
          kind: 'SetMachineAccess',
          key: grantedMachine.key(number),
          before: { access: READS },
          after: { access: [{ project: 'payments', secrets: ['db'] }, ...READS] },
        },
        record: record('MachineBinding', grantedMachine.key(number)),
      }),
    },
  ],
  EnableMachine: [
    {
      name: 'EnableMachine that names the cut of a person',
      prepare: disabledMachine.prepare,
      afterwards: (act, number) => disableMachineByPerson(act, disabledMachine.key(number)),
      step: (number, reinstate) => ({
        action: {
          kind: 'EnableMachine',
          key: disabledMachine.key(number),
          before: { enabled: false },
          after: { enabled: true },
        },
        reinstate,
      }),
    },
  ],
  DisableMachine: 'it only takes; a machine is taken over by SetMachineAccess too',
  RevokeMachine: 'it only takes',
  Claim: [
    {
      name: 'Claim of a machine of people',
      ...claimedMachine,
      step: (number) => claim('MachineBinding', claimedMachine.key(number), { access: [] }),
    },
    {
      name: 'Claim of a project with secrets',
      ...claimedProject,
      step: (number) => claim('Project', claimedProject.key(number), {}),
    },
  ],
  RenameProject: 'access is kept by id: project-renamed-away',
  RenameTemplate: 'access is kept by id: project-renamed-away',
  Release: 'it drops a record',
} as const satisfies Readonly<Record<StepKind, OfKind>>;

export const RAISES: readonly Raise[] = Object.values<OfKind>(RAISING).flatMap((raises) =>
  typeof raises === 'string' ? [] : raises,
);

/** The templates that the steps give, of each number. */
export async function prepareTemplates(act: Act): Promise<void> {
  await createTemplate(act, 'inviters', fields(INVITING, []));
  await createTemplate(act, 'writers', fields(MANAGING, 'All'));
  await createTemplate(act, 'machinists', fields({ Machines: ['View', 'Manage'] }, []));
}
