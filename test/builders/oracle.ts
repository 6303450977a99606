/**
 * What a vault does with a step, as a pure model: the oracle that plans are held against. Written from the rules
 * (design §3), not from the vault's code.
 */
import { withAccess } from '#model/member-access.ts';
import type { Grant, GroupContent, Member, OrganizationState, Secret } from '#model/organization.ts';
import type { ManagedRecord } from '#model/record.ts';
import { NAME_KEPT_FOR, renamedOrganization } from '#model/rename.ts';
import type { ActionOf, StepAction } from '#model/step.ts';
import { raiseBy, takenBack, withTakenBack } from '#model/take-back.ts';
import type { Step } from '#planning/plan-types.ts';
import { machineKey } from './organization.ts';

const INVITE_FOR = 7 * 24 * 60 * 60 * 1000;

/** What the vault is told of a step: of a plan's, or of a request. */
export interface StepDone extends Pick<Step, 'action' | 'consequence' | 'hash' | 'record' | 'reinstate'> {
  /** Whose record it brings or drops; null: it changes none. */
  readonly subject: Step['subject'] | null;
  /** Somebody approved what it takes: it counts toward no budget. */
  readonly approved: boolean;
}

/** The organization after the step: the act, its record, its entry in the ledger, the tombstones it answers. */
export function applyStep(
  state: OrganizationState,
  step: StepDone,
  now: number,
  fingerprint: string,
): OrganizationState {
  const after = applyAction(state, step.action, now, fingerprint);
  const { loss } = step.consequence;
  const undone = loss === null ? null : takenBack(state.raises, step.action, step.consequence, now);
  const counts = loss !== null && loss.units > 0 && undone === null;
  return {
    ...after,
    records: recordsAfter(after, step),
    ledger: counts
      ? [...after.ledger, { ...loss, at: now, stepHash: step.hash, approved: step.approved }]
      : after.ledger,
    raises: raisesAfter(
      undone === null ? state : { ...state, raises: withTakenBack(state.raises, undone, now) },
      step,
      now,
    ),
    // A secret that went with its project is another thing: what comes back with the project is told by the action.
    tombstones: after.tombstones.filter(
      ({ entry, act }) =>
        entry !== step.reinstate || (act === 'SecretDeleted' && !step.action.kind.endsWith('Secret')),
    ),
  };
}

/** None of them approved. */
export function applySteps(state: OrganizationState, steps: readonly Step[], now: number): OrganizationState {
  return steps.reduce(
    (current, step) => applyStep(current, { ...step, approved: false }, now, fingerprintOf(step)),
    state,
  );
}

/** What a raise replaced is kept, where the object was this manager's and of the same namespace before. */
function raisesAfter(state: OrganizationState, step: StepDone, now: number): OrganizationState['raises'] {
  const { action, consequence, subject, record, reinstate } = step;
  const before = state.records.find(({ kind, key }) => kind === subject?.kind && key === subject.key);
  const isTheirs = before !== undefined && reinstate === null && record?.origin === before.origin;
  const entry = `aud_${state.raises.length}_${step.hash}`;
  const raise = isTheirs ? raiseBy(state.members, action, consequence, { entry, at: now }) : null;
  return raise === null ? state.raises : [...state.raises, raise];
}

function fingerprintOf({ action }: Step): string {
  return action.kind === 'RegisterMachine' ? `fp-${action.key}` : '';
}

function recordsAfter(state: OrganizationState, { record, subject }: StepDone): OrganizationState['records'] {
  if (record === undefined || subject === null) return state.records;
  const isOther = ({ kind, key }: ManagedRecord) => kind !== subject.kind || key !== subject.key;
  const others = state.records.filter(isOther);
  if (record === null) return others;
  // The line that was answered outlasts it.
  const line = record.renamedFrom ?? state.records.find((one) => !isOther(one))?.renamedFrom;
  return [...others, line === undefined ? record : { ...record, renamedFrom: line }];
}

function applyAction(
  state: OrganizationState,
  action: StepAction,
  now: number,
  fingerprint: string,
): OrganizationState {
  const members = (change: (member: Member) => Member | null): OrganizationState => ({
    ...state,
    members: state.members.flatMap((member) =>
      member.email === action.key ? (change(member) ?? []) : [member],
    ),
  });
  const machines = (
    change: (machine: OrganizationState['machines'][number]) => OrganizationState['machines'][number] | null,
  ): OrganizationState => ({
    ...state,
    machines: state.machines.flatMap((machine) =>
      machine.name === action.key ? (change(machine) ?? []) : [machine],
    ),
  });
  switch (action.kind) {
    case 'RenameOrganization':
      return { ...state, displayName: action.after.displayName };
    case 'TakeOver':
      return {
        ...state,
        records: state.records.map((record) =>
          record.manager === action.before.manager
            ? { ...record, manager: action.after.manager, seenUnder: null }
            : record,
        ),
      };
    case 'RenameProject':
    case 'RenameTemplate': {
      const kind = action.kind === 'RenameProject' ? 'Project' : 'PermissionTemplate';
      const { name: from } = action.before;
      const record = state.records.find((one) => one.kind === kind && one.key === from);
      if (record === undefined) throw new Error('Foreign');
      const kept = { manager: record.manager, origin: record.origin, until: now + NAME_KEPT_FOR };
      return renamedOrganization(state, { kind, from, to: action.key }, { kind, key: from, ...kept });
    }
    case 'ApplySettings':
      return { ...state, settings: JSON.parse(JSON.stringify(action.after)) };
    case 'Claim':
    case 'Release':
      return state;
    case 'CreateTemplate':
      return {
        ...state,
        templates: sorted([
          ...state.templates,
          { id: `tpl_${action.key}`, name: action.key, archived: false, ...action.after },
        ]),
      };
    case 'UpdateTemplate':
      return {
        ...state,
        templates: state.templates.map((template) =>
          template.name === action.key ? { ...template, ...action.after } : template,
        ),
      };
    case 'DeleteTemplate':
      if (state.members.some(({ template }) => template === action.key)) throw new Error('TemplateInUse');
      return { ...state, templates: state.templates.filter(({ name }) => name !== action.key) };
    case 'CreateGroup':
    case 'UpdateGroup':
    case 'DeleteGroup':
      return { ...state, groups: groupsAfter(state, action) };
    case 'CreateProject':
      return {
        ...state,
        projects: sorted([...state.projects, { id: `prj_${action.key}`, name: action.key, ...action.after }]),
      };
    case 'UpdateProject':
      return {
        ...state,
        projects: state.projects.map((project) =>
          project.name === action.key ? { ...project, ...action.after } : project,
        ),
      };
    case 'DeleteProject':
      return withoutProject(state, action.key);
    case 'RestoreProject': {
      const { id, description, secrets } = action.after;
      const back = secrets.map((name) => {
        const secret = { id: `sec_${action.key}/${name}`, project: action.key, name, version: 1 };
        return { ...secret, fieldNames: null };
      });
      return {
        ...state,
        projects: sorted([...state.projects, { id, name: action.key, description }]),
        secrets: [...state.secrets, ...back],
        tombstones: state.tombstones.filter(
          ({ act, key, item }) =>
            act !== 'SecretDeleted' || key !== action.key || !secrets.includes(item ?? ''),
        ),
      };
    }
    case 'CreateSecret':
    case 'RestoreSecret': {
      const [project = '', name = ''] = action.key.split('/');
      const id = action.kind === 'RestoreSecret' ? action.after.id : `sec_${action.key}`;
      const secret: Secret = { id, project, name, version: 1, fieldNames: null };
      return { ...state, secrets: [...state.secrets, secret] };
    }
    case 'InviteMember': {
      const { members: cap } = state.plan.caps;
      if (cap !== null && state.members.length >= cap) throw new Error('SeatsExhausted');
      const member: Member = {
        ...action.after,
        id: `mem_${action.key}`,
        email: action.key,
        userName: null,
        state: 'Invited',
        invite: {
          id: `inv_${action.key}`,
          since: now,
          sentAt: now,
          expiresAt: now + INVITE_FOR,
          attempts: 1,
        },
      };
      return { ...state, members: [...state.members, member].sort((a, b) => (a.email < b.email ? -1 : 1)) };
    }
    case 'ResendInvite':
      return members((member) =>
        member.invite === null
          ? member
          : {
              ...member,
              invite: {
                ...member.invite,
                sentAt: now,
                expiresAt: now + INVITE_FOR,
                attempts: action.after.attempts,
              },
            },
      );
    case 'CancelInvite':
    case 'RemoveMember':
      return { ...members(() => null), groups: withoutMember(state.groups, action.key) };
    case 'SetMemberAccess':
      return members((member) => withAccess(member, action.after));
    case 'SuspendMember':
      return members((member) => ({ ...member, state: 'Suspended' }));
    case 'UnsuspendMember':
      return members((member) => ({ ...member, state: 'Active' }));
    case 'RegisterMachine':
      return {
        ...state,
        machines: sorted([
          ...state.machines,
          {
            id: `mch_${action.key}`,
            name: action.key,
            approved: true,
            enabled: true,
            disabledAt: null,
            keys: [machineKey(fingerprint, { addedAt: now })],
            access: [],
          },
        ]),
      };
    case 'AddMachineKey':
      return machines(({ adopted: _, ...machine }) => ({
        ...machine,
        keys: [...machine.keys, machineKey(action.after.fingerprint, { addedAt: now })],
      }));
    case 'RevokeKeyIfIdle':
      return machines((machine) => ({
        ...machine,
        keys: machine.keys.filter(({ fingerprint }) => fingerprint !== action.after.fingerprint),
      }));
    case 'SetMachineAccess':
      return machines((machine) => ({ ...machine, access: action.after.access }));
    case 'EnableMachine':
      return machines((machine) => ({ ...machine, enabled: true, disabledAt: null }));
    case 'DisableMachine':
      return machines((machine) => ({ ...machine, enabled: false, disabledAt: now }));
    case 'RevokeMachine':
      return machines(() => null);
  }
}

/** Decision 0015: a group lists nobody who is not in the organization; P4: a tier without groups gives nothing new. */
function groupsAfter(
  state: OrganizationState,
  action: ActionOf<'CreateGroup' | 'UpdateGroup' | 'DeleteGroup'>,
): OrganizationState['groups'] {
  const { key, before, after } = action;
  const there = state.groups.find(({ name }) => name === key);
  if ((there === undefined) !== (before === null)) throw new Error('StaleBefore');
  const others = state.groups.filter((group) => group !== there);
  if (action.kind === 'DeleteGroup' || after === null) return others;
  const had: readonly Grant[] = before?.grants ?? [];
  const raises = after.grants.some(({ project, access }) =>
    had.every((grant) => grant.project !== project || (grant.access === 'Read' && access === 'Write')),
  );
  const lengthened = after.members.some((email) => {
    const endIn = (content: Partial<GroupContent> | null | undefined): number =>
      content?.ends?.find(({ member }) => member === email)?.expiresAt ?? Number.POSITIVE_INFINITY;
    return !there?.members.includes(email) || endIn(after) > endIn(there);
  });
  if ((raises || lengthened) && state.plan.caps.groups === 0) throw new Error('QuotaReached');
  const stranger = after.members.find((email) => !state.members.some((member) => member.email === email));
  if (stranger !== undefined) throw new Error(`NotFound ${stranger}`);
  const gone: readonly string[] = action.kind === 'UpdateGroup' ? action.before.members : [];
  const listed = there?.members ?? [];
  const stays = listed.filter((email) => !gone.includes(email));
  if (gone.some((email) => !listed.includes(email)) || after.members.some((email) => stays.includes(email)))
    throw new Error('StaleBefore');
  const members = [...stays, ...after.members].sort();
  // An end of a membership stays with it, and goes with it.
  const kept = there?.ends?.filter(({ member }) => stays.includes(member)) ?? [];
  const ends = [...kept, ...(after.ends ?? [])].sort((a, b) => (a.member < b.member ? -1 : 1));
  const { ends: _, ...content } = after;
  const group = { id: there?.id ?? `grp_${key}`, name: key, ...content, members };
  return sorted([...others, ends.length === 0 ? group : { ...group, ends }]);
}

function withoutProject(state: OrganizationState, name: string): OrganizationState {
  const elsewhere = ({ project }: { readonly project: string }): boolean => project !== name;
  return {
    ...state,
    projects: state.projects.filter((project) => project.name !== name),
    secrets: state.secrets.filter(elsewhere),
    members: state.members.map((member) => ({ ...member, grants: member.grants.filter(elsewhere) })),
    machines: state.machines.map((machine) => ({ ...machine, access: machine.access.filter(elsewhere) })),
    groups: state.groups.map((group) => ({ ...group, grants: group.grants.filter(elsewhere) })),
  };
}

function withoutMember(groups: OrganizationState['groups'], email: string): OrganizationState['groups'] {
  return groups.map(({ ends, ...group }) => {
    const left = ends?.filter(({ member }) => member !== email) ?? [];
    return {
      ...group,
      members: group.members.filter((one) => one !== email),
      ...(left.length === 0 ? {} : { ends: left }),
    };
  });
}

function sorted<T extends { readonly name: string }>(items: T[]): T[] {
  return items.sort((a, b) => (a.name < b.name ? -1 : 1));
}
