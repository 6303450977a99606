import { newKeyPair } from '#identity/key-pair.ts';
import { DEFAULT_RAILS } from '#model/loosened.ts';
import type { LossClass } from '#model/loss.ts';
import type { Json, ManagedKind, Tombstone } from '#model/record.ts';
import type { StepAction, StepKind } from '#model/step.ts';
import type { StepRequest } from '#protocol/management.ts';
import { changeMachine, newMachine, setValues } from '#test/builders/machine.ts';
import {
  acceptInvite,
  access,
  MANAGER,
  newIdentity,
  OTHER_MANAGER,
  record,
  type SignedBy,
  type TestVault,
} from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { changeGroup, createGroup } from '#vault/groups/groups.ts';
import { setEnabled } from '#vault/machines/machines.ts';
import { putRecord } from '#vault/managed/records.ts';
import { inviteMember, memberNamed, setState } from '#vault/members/members.ts';
import { trashProject } from '#vault/projects/project-deletion.ts';
import { trashSecret } from '#vault/secrets/secret-deletion.ts';
import { createTemplate } from '#vault/templates/templates.ts';
import { attack } from './attack.ts';
import { ofStep } from './outcome.ts';

const WEB = [{ project: 'web', secrets: ['cookie'] }];
const reaching = (...projectScope: string[]) => ({
  description: '',
  capabilities: { Secrets: ['View', 'Manage'] },
  projectScope,
});
const giving = (level: 'Read' | 'Write') => ({
  description: '',
  members: [],
  grants: [{ project: 'web', access: level }],
});
const granted = access({ grants: [{ project: 'web', access: 'Write' }] });
const plain = access();
const state = (action: string): string => `${action.toLowerCase()}@acme.example`;
const generated = { generator: { length: 8, charset: 'Hex' } } as const;
const nextKey = newKeyPair();

type Sent = Pick<StepRequest, 'action' | 'publicKey' | 'record' | 'reinstate'> & {
  readonly loses?: LossClass;
};

/** A step of each kind about something out of the bounds, and what it takes. */
const OUTSIDE: { readonly [Kind in StepKind]: (vault: TestVault) => Promise<Sent> | Sent } = {
  // First: the organization is the other manager's until then.
  TakeOver: ({ vaultId }) => ({
    action: {
      ...{ kind: 'TakeOver', key: '', before: { manager: OTHER_MANAGER, fencing: 0 } },
      after: { manager: MANAGER, namespace: record('Organization', vaultId).origin },
    },
    record: record('Organization', vaultId, { rails: null }),
  }),
  RenameOrganization: () => ({
    action: {
      ...{ kind: 'RenameOrganization', before: { displayName: 'Acme' }, after: { displayName: 'Thief' } },
      key: '',
    },
  }),
  CreateTemplate: () => ({
    action: { kind: 'CreateTemplate', key: 'new', before: null, after: reaching('web') },
  }),
  UpdateTemplate: () => ({
    action: {
      ...{ kind: 'UpdateTemplate', key: 'of-web', before: reaching('web') },
      after: reaching('other', 'web'),
    },
  }),
  DeleteTemplate: () => ({
    action: { kind: 'DeleteTemplate', key: 'unused', before: reaching('web'), after: null },
  }),
  CreateGroup: () => ({
    action: { kind: 'CreateGroup', key: 'new', before: null, after: giving('Read') },
  }),
  UpdateGroup: () => ({
    action: { kind: 'UpdateGroup', key: 'of-web', before: giving('Read'), after: giving('Write') },
  }),
  DeleteGroup: () => ({
    action: {
      ...{ kind: 'DeleteGroup', key: 'unused', after: null },
      before: { description: '', grants: giving('Read').grants },
    },
  }),
  CreateProject: () => ({
    action: { kind: 'CreateProject', key: 'new', before: null, after: { description: '' } },
  }),
  UpdateProject: () => ({
    action: {
      ...{ kind: 'UpdateProject', key: 'web', before: { description: '' } },
      after: { description: 'x' },
    },
  }),
  RenameProject: () => ({
    action: { kind: 'RenameProject', key: 'moved', before: { name: 'called' }, after: { name: 'moved' } },
    record: record('Project', 'moved'),
  }),
  RenameTemplate: () => ({
    action: { kind: 'RenameTemplate', key: 'moved', before: { name: 'called' }, after: { name: 'moved' } },
    record: record('PermissionTemplate', 'moved'),
  }),
  DeleteProject: () => ({
    action: {
      ...{ kind: 'DeleteProject', key: 'other', after: null },
      before: { description: '', secrets: ['kept'] },
    },
    loses: 'projects',
  }),
  RestoreProject: async (vault) => {
    const cut = await cutOf(vault, 'trashed', null);
    const after = { id: cut.trashed ?? '', description: '', secrets: ['old'] };
    return {
      action: { kind: 'RestoreProject', key: 'trashed', before: null, after },
      reinstate: cut.entry,
    };
  },
  RestoreSecret: async (vault) => {
    const cut = await cutOf(vault, 'web', 'gone');
    const after = { id: cut.trashed ?? '', newValue: null };
    return { action: { kind: 'RestoreSecret', key: 'web/gone', before: null, after }, reinstate: cut.entry };
  },
  CreateSecret: () => ({
    action: { kind: 'CreateSecret', key: 'web/planted', before: null, after: generated },
  }),
  InviteMember: () => ({
    action: { kind: 'InviteMember', key: 'new@acme.example', before: null, after: granted },
  }),
  ResendInvite: () => ({
    action: {
      ...{ kind: 'ResendInvite', key: state('ResendInvite') },
      ...{ before: { attempts: 1 }, after: { attempts: 2 } },
    },
  }),
  CancelInvite: () => ({
    action: { kind: 'CancelInvite', key: state('CancelInvite'), before: granted, after: null },
    loses: 'invites',
  }),
  SetMemberAccess: () => ({
    action: { kind: 'SetMemberAccess', key: state('SetMemberAccess'), before: granted, after: plain },
    loses: 'access',
  }),
  SuspendMember: () => ({
    action: {
      ...{ kind: 'SuspendMember', key: state('SuspendMember') },
      ...{ before: { state: 'Active' }, after: { state: 'Suspended' } },
    },
  }),
  UnsuspendMember: () => ({
    action: {
      ...{ kind: 'UnsuspendMember', key: state('UnsuspendMember') },
      ...{ before: { state: 'Suspended' }, after: { state: 'Active' } },
    },
  }),
  RemoveMember: () => ({
    action: {
      ...{ kind: 'RemoveMember', key: state('RemoveMember'), after: null },
      before: { ...granted, state: 'Active' },
    },
    loses: 'people',
  }),
  RegisterMachine: () => ({
    action: { kind: 'RegisterMachine', key: 'planted', before: null, after: {} },
    publicKey: newKeyPair().publicKey.text,
  }),
  AddMachineKey: async (vault) => ({
    action: {
      ...{
        kind: 'AddMachineKey',
        key: 'AddMachineKey',
        after: { fingerprint: nextKey.publicKey.fingerprint },
      },
      before: { fingerprints: await fingerprints(vault, 'AddMachineKey') },
    },
    publicKey: nextKey.publicKey.text,
  }),
  RevokeKeyIfIdle: async (vault) => {
    const before = await fingerprints(vault, 'RevokeKeyIfIdle');
    const after = { fingerprint: before[0] ?? '', idleFor: 0, because: 'Compromised' } as const;
    return {
      action: { kind: 'RevokeKeyIfIdle', key: 'RevokeKeyIfIdle', before: { fingerprints: before }, after },
    };
  },
  SetMachineAccess: () => ({
    action: {
      ...{ kind: 'SetMachineAccess', key: 'SetMachineAccess' },
      ...{ before: { access: [] }, after: { access: WEB } },
    },
  }),
  EnableMachine: () => ({
    action: {
      ...{ kind: 'EnableMachine', key: 'EnableMachine' },
      ...{ before: { enabled: false }, after: { enabled: true } },
    },
  }),
  DisableMachine: () => ({
    action: {
      ...{ kind: 'DisableMachine', key: 'DisableMachine' },
      ...{ before: { enabled: true }, after: { enabled: false } },
    },
    loses: 'machines',
  }),
  RevokeMachine: () => ({
    action: { kind: 'RevokeMachine', key: 'RevokeMachine', before: { access: WEB }, after: null },
    loses: 'machines',
  }),
  Claim: () => ({
    action: {
      ...{ kind: 'Claim', key: 'Project/web', before: null },
      after: { kind: 'Project', applied: { description: '' } },
    },
    record: record('Project', 'web', { description: '' }),
  }),
  Release: () => ({
    action: { kind: 'Release', key: 'Project/kept', before: { kind: 'Project' }, after: null },
    loses: 'access',
  }),
  // Last: the budgets become tight by it.
  ApplySettings: () => ({ action: { kind: 'ApplySettings', key: '', before: null, after: TIGHT } }),
};

/** Who has nothing out of its projects is still a member of the whole organization, and whom people invited will be. */
const PLAIN_PEOPLE: Readonly<Record<string, Sent>> = {
  'RemoveMember of who has nothing': {
    action: {
      ...{ kind: 'RemoveMember', key: 'removed@acme.example', after: null },
      before: { ...plain, state: 'Active' },
    },
    loses: 'people',
  },
  'SuspendMember of who has nothing': {
    action: {
      ...{ kind: 'SuspendMember', key: 'suspended@acme.example' },
      ...{ before: { state: 'Active' }, after: { state: 'Suspended' } },
    },
  },
  'CancelInvite of one of people': {
    action: { kind: 'CancelInvite', key: 'invited@acme.example', before: plain, after: null },
    loses: 'invites',
  },
};

/** Records of what is not of one project, which who has them decides over; each is claimed, then released. */
const RECORDS: readonly (readonly [ManagedKind, string])[] = [
  ['Member', state('SetMemberAccess')],
  ['PermissionTemplate', 'of-web'],
  ['Group', 'of-web'],
];

/** What a machine without access may do stays within the bounds: it is in no project. */
const NOWHERE: readonly StepKind[] = ['RegisterMachine'];

const none = { min: 0, max: 0, percent: 0 };
const TIGHT = {
  ...DEFAULT_RAILS,
  settleSeconds: 600,
  lossBudget: { ...DEFAULT_RAILS.lossBudget, people: none, suspensions: none, access: none, machines: none },
};

attack({
  name: 'changes something out of its projects by each kind of step',
  actor: 'Thief of an automation credential',
  rule: 'V4',
  refused: ['Forbidden'],
  permittedBy: 'no bound of projects, and approvals given in the vault',
  async world() {
    const { vault } = await ownedVault();
    await setValues(vault, {
      'web/cookie': 'w',
      'other/kept': 'o',
      'payments/db': 'p',
      'kept/x': 'k',
      'called/x': 'c',
      'web/gone': 'g',
      'trashed/old': 't',
    });
    await vault.context.act(vault.vaultId, vault.owner, async (act) => {
      await trashSecret(act, 'web', 'gone');
      await trashProject(act, 'trashed');
    });
    await vault.context.act(vault.vaultId, vault.owner, async (act) => {
      for (const name of ['of-web', 'unused', 'called']) {
        await createTemplate(act, name, reaching('web'));
        await changeGroup(act, await createGroup(act, name, ''), NO_GROUP, giving('Read'));
      }
      for (const kind of JOINED) await inviteMember(act, state(kind), granted);
      await act.audit({ action: 'vault.restored', subject: { kind: 'Organization', key: vault.vaultId } });
    });
    await vault.context.act(vault.vaultId, vault.owner, async (act) => {
      for (const { action } of Object.values(PLAIN_PEOPLE)) await inviteMember(act, action.key, plain);
      await act.audit({ action: 'vault.restored', subject: { kind: 'Organization', key: vault.vaultId } });
    });
    for (const kind of JOINED) await acceptInvite(vault, state(kind));
    for (const name of ['removed', 'suspended']) await acceptInvite(vault, `${name}@acme.example`);
    await vault.context.act(vault.vaultId, vault.owner, async (act) => {
      await setState(act, (await memberNamed(act, state('UnsuspendMember'))).row, 'Suspended');
      for (const kind of INVITED) await inviteMember(act, state(kind), granted);
      await act.audit({ action: 'vault.restored', subject: { kind: 'Organization', key: vault.vaultId } });
    });
    await vault.database.edit('update invites set expires_at = 0');
    for (const kind of MACHINES) await newMachine(vault, kind, kind === 'SetMachineAccess' ? [] : WEB);
    // Of this manager already, so that nothing but the bound is in the way.
    for (const project of ['kept', 'other', 'called'])
      await claim(vault, 'Project', project, { description: '' });
    await claim(vault, 'PermissionTemplate', 'called', reaching('web'));
    for (const machine of MACHINES) await claim(vault, 'MachineBinding', machine, { access: [] });
    await changeMachine(vault, 'EnableMachine', (act, machine) => setEnabled(act, machine, false));
    const other = { ...record('Organization', vault.vaultId), manager: OTHER_MANAGER };
    await vault.context.act(vault.vaultId, vault.owner, async (act) => {
      await putRecord(act, other, OTHER_MANAGER);
      await act.audit({ action: 'vault.restored', subject: { kind: 'Organization', key: vault.vaultId } });
    });
    return vault;
  },
  attack: (vault) =>
    newIdentity(vault.context, vault.vaultId, vault.owner, { projects: ['payments'], managers: MANAGERS }),
  control: (vault) =>
    newIdentity(vault.context, vault.vaultId, vault.owner, { managers: MANAGERS, ceilings: CEILINGS }),
  async calls(vault, as: SignedBy) {
    const fence = await vault.lease(MANAGER, 'installation-1', as);
    const outcomes = [];
    const plainPeople = Object.entries(PLAIN_PEOPLE).map(([name, sent]) => [name, () => sent] as const);
    for (const [kind, sent] of [...plainPeople, ...Object.entries(OUTSIDE)]) {
      if (NOWHERE.includes(kind as StepKind)) continue;
      const { loses, ...request } = await sent(vault);
      const action = withVault(vault, request.action);
      const approval = await vault.approved([action]);
      const taken = recordOf(action);
      if (loses !== undefined) {
        const reservation = { fence, class: loses, actions: [action], approval };
        await vault.request('POST', '/reservations', reservation, { as });
      }
      const own = taken === null ? {} : { record: taken };
      const [answer] = await vault.stepsUnapproved(
        [{ ...own, ...request, action, ...(loses === undefined ? { approval } : {}) }],
        { as, fence },
      );
      outcomes.push(ofStep(kind, answer?.status === 'Refused' ? answer.code : (answer?.status ?? 'none')));
    }
    for (const [kind, key] of RECORDS) {
      const subject = `${kind}/${key}`;
      const claimed = { kind: 'Claim', key: subject, before: null, after: { kind, applied: {} } } as const;
      const released = { kind: 'Release', key: subject, before: { kind }, after: null } as const;
      const body = {
        fence,
        class: 'access',
        actions: [released],
        approval: await vault.approved([released]),
      };
      const sent = [{ action: claimed, record: record(kind, key, {}) }, { action: released }];
      await vault.request('POST', '/reservations', body, { as });
      for (const [index, answer] of (await vault.stepsUnapproved(sent, { as, fence })).entries()) {
        const said = answer.status === 'Refused' ? answer.code : answer.status;
        outcomes.push(ofStep(`${index === 0 ? 'Claim' : 'Release'} ${kind}`, said));
      }
    }
    return outcomes;
  },
});

const MANAGERS = [MANAGER, OTHER_MANAGER];
const NO_GROUP = { description: '', members: [], grants: [] };
const JOINED: readonly StepKind[] = ['SetMemberAccess', 'SuspendMember', 'UnsuspendMember', 'RemoveMember'];
const INVITED: readonly StepKind[] = ['ResendInvite', 'CancelInvite'];
const MACHINES: readonly StepKind[] = [
  'AddMachineKey',
  'RevokeKeyIfIdle',
  'SetMachineAccess',
  'EnableMachine',
  'DisableMachine',
  'RevokeMachine',
];
const CEILINGS = { people: 100, access: 100, machines: 100, projects: 100 };

async function claim(
  vault: TestVault,
  kind: 'MachineBinding' | 'PermissionTemplate' | 'Project',
  key: string,
  applied: Json,
): Promise<void> {
  const said = await vault.step(
    { kind: 'Claim', key: `${kind}/${key}`, before: null, after: { kind, applied } },
    { record: record(kind, key, applied) },
  );
  if (said !== 'Done') throw new Error(`${kind} ${key}: ${said}`);
}

async function cutOf(vault: TestVault, project: string, secret: string | null): Promise<Tombstone> {
  const { tombstones } = await vault.snapshot();
  const cut = tombstones.find(
    ({ kind, key, item }) => kind === 'Project' && key === project && item === secret,
  );
  if (cut === undefined) throw new Error(`${project}: no cut`);
  return cut;
}

/** Those of the organization go by the id of the vault. */
function withVault({ vaultId }: TestVault, action: StepAction): StepAction {
  return action.key === '' ? { ...action, key: vaultId } : action;
}

/** What is taken away needs a record of the manager; nothing of this vault has one. */
function recordOf({ kind, key }: StepAction) {
  if (kind === 'DeleteProject') return record('Project', key);
  if (kind === 'DeleteGroup') return record('Group', key);
  if (kind === 'DeleteTemplate') return record('PermissionTemplate', key);
  if (kind === 'RemoveMember' || kind === 'CancelInvite') return record('Member', key);
  if (kind === 'RevokeMachine' || kind === 'DisableMachine' || kind === 'RevokeKeyIfIdle')
    return record('MachineBinding', key);
  return null;
}

async function fingerprints(vault: TestVault, name: string): Promise<string[]> {
  const { machines } = await vault.snapshot();
  return machines.find((machine) => machine.name === name)?.keys.map(({ fingerprint }) => fingerprint) ?? [];
}
