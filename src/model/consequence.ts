/**
 * Who gains and who loses what by a step, computed from effective access before and after (design §4).
 * Planning judges by it, and the vault judges again by the same function before it runs the step.
 *
 * Decides rail 1: what a step loses, in which class and how many units.
 */
import { accessWhenActive, cellUntil, type EffectiveAccess, untilOf } from './access.ts';
import { type CellId, GRANT_CELLS } from './capabilities.ts';
import { endsLater, hasEnded, heldUntil } from './ends.ts';
import {
  type GroupGrant,
  type GroupStep,
  givenBy,
  groupAfterStep,
  groupGrantsOf,
  isGroupStep,
  listingAfter,
  withoutProjectGrants,
} from './groups.ts';
import { listIndex } from './list-index.ts';
import { type Listing, type Memberships, membershipsOf } from './listing.ts';
import type { LossClass } from './loss.ts';
import type {
  Group,
  GroupContent,
  Machine,
  MachineProject,
  Member,
  MemberAccess,
  OrganizationState,
  PermissionTemplate,
  Project,
} from './organization.ts';
import { raisesOfPerson } from './raises.ts';
import type { ManagedKind } from './record.ts';
import { sameValue } from './same.ts';
import type { ActionOf, StepAction, StepKind } from './step.ts';

/** What one person or machine gains and loses: `Secrets: View in payments`, `payments/db-password`. */
export interface AccessChange {
  /** E-mail, or machine name. */
  readonly who: string;
  readonly gained: readonly string[];
  readonly lost: readonly string[];
  /** Of those that an end bounds (M5), until when what is gained is held, and what is lost still is; absent: of none. */
  readonly until?: Readonly<Record<string, number>>;
  /** What waits for approval (rail 2): `Admin`, which may come without a cell, `Machines: Manage`. */
  readonly raised: readonly string[];
}

export interface Consequence {
  /** Counts against the budget of a class (rail 1); null where nothing is lost. */
  readonly loss: { readonly class: LossClass; readonly units: number } | null;
  readonly gain: boolean;
  readonly changes: readonly AccessChange[];
}

const NOTHING: Consequence = { loss: null, gain: false, changes: [] };

/** Steps that let go of the record of whom they take the last grant from: only where they lose something that counts. */
export const DROPS_BY_ITS_LOSS: ReadonlySet<StepKind> = new Set<StepKind>(['SetMemberAccess', 'UpdateGroup']);

/**
 * The consequence of a step for the organization as it stands at `now`. What is held less long than before is lost, what
 * is held longer is gained; what has ended by then is held by nobody, so that nothing is lost with it (M5). Pure; the same
 * on both sides of the wire.
 */
export function consequence(organization: OrganizationState, action: StepAction, now: number): Consequence {
  const templateOf = (name: string): PermissionTemplate | undefined =>
    templatesByName(organization.templates).get(name);
  const promised = (access: MemberAccess): EffectiveAccess =>
    accessWhenActive(access, templateOf, groupGrantsOf(organization.groups, action.key), now);

  switch (action.kind) {
    case 'InviteMember':
      return ofPeople([personChange(action.key, null, promised(action.after))], null);
    case 'CancelInvite':
    case 'RemoveMember': {
      const lost = action.kind === 'CancelInvite' ? 'invites' : 'people';
      // Who has ended had nothing any more: it settles as a loss does, and counts toward no budget.
      const units = hasEnded(action.before.expiresAt, now) ? 0 : 1;
      return ofPeople([personChange(action.key, promised(action.before), null)], { class: lost, units });
    }
    case 'SuspendMember': {
      const member = memberOf(organization, action.key);
      const before = member === undefined ? null : promised(member);
      return ofPeople([personChange(action.key, before, null)], { class: 'suspensions', units: 1 });
    }
    case 'UnsuspendMember':
    // One that ended promises nothing: sending it again is inviting anew.
    case 'ResendInvite': {
      const member = memberOf(organization, action.key);
      return ofPeople([personChange(action.key, null, member === undefined ? null : promised(member))], null);
    }
    case 'SetMemberAccess':
      return ofReplacedAccess(action, promised, memberOf(organization, action.key)?.state === 'Invited', now);
    case 'UpdateTemplate':
      return ofTemplate(organization, action, templateOf, now);
    case 'CreateGroup':
    case 'UpdateGroup':
    case 'DeleteGroup':
      return groupConsequence(organization, action, groupOf(organization, action.key), now);
    case 'DeleteProject':
      return {
        loss: { class: 'projects', units: Math.max(1, action.before.secrets.length) },
        gain: false,
        changes: withoutProject(organization, action.key, templateOf, now),
      };
    case 'SetMachineAccess': {
      const change = machineChange(action.key, action.before.access, action.after.access);
      const units = change.lost.length;
      return {
        loss: units > 0 ? { class: 'machines', units: 1 } : null,
        gain: change.gained.length > 0,
        changes: real([change]),
      };
    }
    case 'DisableMachine': {
      const machine = machineOf(organization, action.key);
      const change = machineChange(action.key, machine?.access ?? [], []);
      return { loss: { class: 'machines', units: 1 }, gain: false, changes: real([change]) };
    }
    case 'RevokeMachine': {
      // A machine that is disabled already was counted when it was disabled.
      const machine = machineOf(organization, action.key);
      const change = machineChange(action.key, action.before.access, []);
      const counted = machine?.enabled === false;
      return { loss: { class: 'machines', units: counted ? 0 : 1 }, gain: false, changes: real([change]) };
    }
    case 'EnableMachine': {
      const machine = machineOf(organization, action.key);
      return {
        loss: null,
        gain: true,
        changes: real([machineChange(action.key, [], machine?.access ?? [])]),
      };
    }
    case 'RegisterMachine':
    case 'AddMachineKey':
    // Nobody reads it by that: grants are given by steps of their own.
    case 'RestoreProject':
    case 'RestoreSecret':
      return { loss: null, gain: true, changes: [] };
    // The machine keeps what it was granted: no access of anybody is lost by it.
    case 'RevokeKeyIfIdle':
    case 'RenameOrganization':
    case 'TakeOver':
    case 'ApplySettings':
    // Access is kept by id: whoever had it has it in what is called otherwise.
    case 'RenameProject':
    case 'RenameTemplate':
    case 'CreateTemplate':
    case 'DeleteTemplate':
    case 'CreateProject':
    case 'UpdateProject':
    case 'CreateSecret':
    case 'Claim':
      return NOTHING;
    case 'Release':
      return ofRelease(organization, action);
  }
}

/** A loss of management: what is there and is managed by nobody then takes a person to be managed again. */
function ofRelease(organization: OrganizationState, { key, before }: ActionOf<'Release'>): Consequence {
  const name = key.slice(before.kind.length + 1);
  if (!isThere(organization, before.kind, name)) return NOTHING;
  const lossClass = before.kind === 'MachineBinding' ? 'machines' : 'access';
  return { loss: { class: lossClass, units: 1 }, gain: false, changes: [] };
}

function isThere(organization: OrganizationState, kind: ManagedKind, name: string): boolean {
  const { members, groups, templates, projects, machines, vaultId } = organization;
  switch (kind) {
    case 'Organization':
      return vaultId === name;
    case 'Member':
      return membersByEmail(members).has(name);
    case 'Group':
      return groupsByName(groups).has(name);
    case 'PermissionTemplate':
      return templatesByName(templates).has(name);
    case 'Project':
      return projectsByName(projects).has(name);
    case 'MachineBinding':
      return machinesByName(machines).has(name);
  }
}

function ofReplacedAccess(
  action: ActionOf<'SetMemberAccess'>,
  promised: (access: MemberAccess) => EffectiveAccess,
  isInvited: boolean,
  now: number,
): Consequence {
  const after = promised(action.after);
  const change = personChange(action.key, promised(action.before), after);
  // Nobody has it yet: it is the invite that promises less.
  if (isInvited) return ofPeople([change], change.lost.length > 0 ? { class: 'invites', units: 1 } : null);
  const isDemoted = action.before.role === 'Admin' && action.after.role === 'Member';
  // Who ends is gone then, as who is removed is now.
  const endsEarlier = heldUntil(action.before.expiresAt, now) > heldUntil(action.after.expiresAt, now);
  if ((isDemoted && !hasEnded(action.before.expiresAt, now)) || endsEarlier) {
    return ofPeople([change], { class: 'people', units: 1 });
  }
  // Judged by effective access (design §4): a template replaced by a wider one takes nothing away, nor does a
  // grant that goes while a group gives the same.
  if (change.lost.length === 0) return ofPeople([change], null);
  const units = Math.max(1, lostItems(action.before, action.after, after, now));
  return ofPeople([change], { class: 'access', units });
}

/** Whoever holds the template gains or loses by it. */
function ofTemplate(
  organization: OrganizationState,
  action: ActionOf<'UpdateTemplate'>,
  templateOf: (name: string) => PermissionTemplate | undefined,
  now: number,
): Consequence {
  const holders = organization.members.filter((member) => member.template === action.key);
  const withTemplate =
    (template: Pick<PermissionTemplate, 'capabilities' | 'projectScope'>) => (member: Member) =>
      accessWhenActive(
        member,
        (name) => (name === action.key ? template : templateOf(name)),
        groupGrantsOf(organization.groups, member.email),
        now,
      );
  const before = withTemplate(action.before);
  const after = withTemplate(action.after);
  const changes = holders.map((member) => personChange(member.email, before(member), after(member)));
  const losers = changes.filter((change) => change.lost.length > 0).length;
  return ofPeople(changes, losers > 0 ? { class: 'access', units: losers } : null);
}

/**
 * Each person whom it lists, or listed, gains or loses by it (G1); who is not in the organization has nothing. `there`: the
 * group before the step, whatever `organization` says of it.
 */
export function groupConsequence(
  organization: OrganizationState,
  action: GroupStep,
  there: Listing | undefined,
  now: number,
): Consequence {
  const { key } = action;
  const templateOf = (name: string): PermissionTemplate | undefined =>
    templatesByName(organization.templates).get(name);
  const before = there ?? { members: [] };
  const listed = membershipsOf(before);
  const then = membershipsOf(listingAfter(before, action));
  const givenBefore = givenTo(key, listed, action.before);
  const givenAfter = givenTo(key, then, action.after);
  const changes: AccessChange[] = [];
  for (const email of new Set([...listed.keys(), ...then.keys()])) {
    const [had, has] = [givenBefore(email), givenAfter(email)];
    const member = sameValue(had, has) ? undefined : memberOf(organization, email);
    if (member === undefined) continue;
    const others = groupGrantsOf(organization.groups, email).filter(({ group }) => group !== key);
    changes.push(
      personChange(
        email,
        accessWhenActive(member, templateOf, [...others, ...had], now),
        accessWhenActive(member, templateOf, [...others, ...has], now),
      ),
    );
  }
  const losers = changes.filter(({ lost }) => lost.length > 0).length;
  return ofPeople(changes, losers > 0 ? { class: 'access', units: losers } : null);
}

function givenTo(
  group: string,
  memberships: Memberships,
  content: Pick<GroupContent, 'grants'> | null,
): (email: string) => readonly GroupGrant[] {
  const grants = content?.grants ?? [];
  return (email) => {
    const membership = memberships.get(email);
    return membership === undefined ? [] : grants.map((grant) => givenBy(group, grant, membership.expiresAt));
  };
}

/**
 * The organization after steps on templates and groups, the kinds of step that change what a later step of the same plan
 * takes or gives to others; any other leaves it as it is.
 */
export function withSharedSteps(
  organization: OrganizationState,
  actions: readonly StepAction[],
): OrganizationState {
  const onGroups = actions.filter(isGroupStep);
  const onTemplates = actions.filter(isTemplateStep);
  return {
    ...organization,
    ...(onGroups.length === 0 ? {} : { groups: groupsAfter(organization.groups, onGroups) }),
    ...(onTemplates.length === 0 ? {} : { templates: templatesAfter(organization.templates, onTemplates) }),
  };
}

function groupsAfter(groups: readonly Group[], steps: readonly GroupStep[]): readonly Group[] {
  const then = new Map(groupsByName(groups));
  for (const step of steps) {
    const group = groupAfterStep(then.get(step.key), step);
    if (group === null) then.delete(step.key);
    else then.set(step.key, group);
  }
  return [...then.values()];
}

type TemplateStep = ActionOf<'CreateTemplate' | 'UpdateTemplate'>;

function templatesAfter(
  templates: readonly PermissionTemplate[],
  steps: readonly TemplateStep[],
): readonly PermissionTemplate[] {
  const then = new Map(templatesByName(templates));
  for (const { kind, key, after } of steps) {
    const there = then.get(key);
    if (there !== undefined) then.set(key, { ...there, ...after });
    else if (kind === 'CreateTemplate') then.set(key, { id: '', name: key, archived: false, ...after });
  }
  return [...then.values()];
}

function isTemplateStep(action: StepAction): action is TemplateStep {
  return action.kind === 'CreateTemplate' || action.kind === 'UpdateTemplate';
}

const membersByEmail = listIndex<Member>(({ email }) => email);
const groupsByName = listIndex<Group>(({ name }) => name);
const templatesByName = listIndex<PermissionTemplate>(({ name }) => name);
const projectsByName = listIndex<Project>(({ name }) => name);
const machinesByName = listIndex<Machine>(({ name }) => name);

function memberOf({ members }: OrganizationState, email: string): Member | undefined {
  return membersByEmail(members).get(email);
}

function groupOf({ groups }: OrganizationState, key: string): Group | undefined {
  return groupsByName(groups).get(key);
}

function machineOf({ machines }: OrganizationState, key: string): Machine | undefined {
  return machinesByName(machines).get(key);
}

function ofPeople(changes: readonly AccessChange[], loss: Consequence['loss']): Consequence {
  return { loss, gain: changes.some(gains), changes: real(changes) };
}

function real(changes: readonly AccessChange[]): AccessChange[] {
  return changes.filter((change) => gains(change) || change.lost.length > 0);
}

/** A role is more than its cells: who has them all by a template gains none, and is raised. */
function gains({ gained, raised }: AccessChange): boolean {
  return gained.length > 0 || raised.length > 0;
}

/** Who loses what they were granted in a project by name; cells that hold in all projects name none. */
function withoutProject(
  organization: OrganizationState,
  project: string,
  templateOf: (name: string) => PermissionTemplate | undefined,
  now: number,
): AccessChange[] {
  const elsewhere = (scope: PermissionTemplate['projectScope']): PermissionTemplate['projectScope'] =>
    scope === 'All' ? scope : scope.filter((name) => name !== project);
  const templateAfter = (name: string): PermissionTemplate | undefined => {
    const template = templateOf(name);
    return template === undefined
      ? undefined
      : { ...template, projectScope: elsewhere(template.projectScope) };
  };
  const groupsAfter = withoutProjectGrants(organization.groups, project);
  const people = organization.members.map((member) => {
    const after: MemberAccess = {
      ...member,
      projectScope: member.projectScope === null ? null : elsewhere(member.projectScope),
      grants: member.grants.filter((grant) => grant.project !== project),
    };
    const { email } = member;
    const before = accessWhenActive(member, templateOf, groupGrantsOf(organization.groups, email), now);
    const then = accessWhenActive(after, templateAfter, groupGrantsOf(groupsAfter, email), now);
    return personChange(email, before, then);
  });
  const machines = organization.machines.map(({ name, access }) =>
    machineChange(
      name,
      access,
      access.filter((granted) => granted.project !== project),
    ),
  );
  return real([...people, ...machines]);
}

/** Grants taken, lowered or shortened that nothing else makes up for; the template taken, replaced or shortened: one unit each. */
function lostItems(
  before: MemberAccess,
  after: MemberAccess,
  effective: EffectiveAccess,
  now: number,
): number {
  const grants = before.grants.filter(({ project, access, expiresAt }) => {
    const until = Math.min(heldUntil(expiresAt, now), heldUntil(before.expiresAt, now));
    return GRANT_CELLS[access].some(({ id }) => cellUntil(effective, id, project) < until);
  }).length;
  return grants + (losesTemplate(before, after, now) ? 1 : 0);
}

function losesTemplate(before: MemberAccess, after: MemberAccess, now: number): boolean {
  if (before.template === null || hasEnded(before.templateExpiresAt, now)) return false;
  return before.template !== after.template || endsLater(before.templateExpiresAt, after.templateExpiresAt);
}

function personChange(
  who: string,
  before: EffectiveAccess | null,
  after: EffectiveAccess | null,
): AccessChange {
  const had = before === null ? [] : cellsHeld(before);
  const has = after === null ? [] : cellsHeld(after);
  const gained = has.filter((held) => held.until > untilOfHeld(before, held));
  const lost = had.filter((held) => held.until > untilOfHeld(after, held));
  const bounds = [
    ...gained.map((held) => [rendered(held), held.until] as const),
    ...lost.map((held) => [rendered(held), untilOfHeld(after, held)] as const),
  ].filter(([, until]) => until > 0 && Number.isFinite(until));
  return {
    who,
    gained: gained.map(rendered),
    lost: lost.map(rendered),
    ...(bounds.length === 0 ? {} : { until: Object.fromEntries(bounds) }),
    raised: raisesOfPerson(before, after),
  };
}

interface Held {
  readonly cell: CellId;
  /** A project name; null: the vault; '*': every project, present and future. */
  readonly where: string | null;
  /** Infinity: without an end. */
  readonly until: number;
}

/** In each place by what gives it there or more widely. */
function cellsHeld(access: EffectiveAccess): Held[] {
  const places: [string | null, Iterable<CellId>][] = [
    [null, access.vault.keys()],
    ['*', access.allProjects.keys()],
    ...[...access.projects].map(([project, cells]): [string, Iterable<CellId>] => [project, cells.keys()]),
  ];
  return places.flatMap(([where, cells]) =>
    [...cells].map((cell) => ({ cell, where, until: untilOfHeld(access, { cell, where }) })),
  );
}

/** 0: not held. */
function untilOfHeld(access: EffectiveAccess | null, { cell, where }: Omit<Held, 'until'>): number {
  if (access === null) return 0;
  if (where === null) return untilOf(access.vault.get(cell));
  return where === '*' ? untilOf(access.allProjects.get(cell)) : cellUntil(access, cell, where);
}

function rendered({ cell, where }: Omit<Held, 'until'>): string {
  return where === null ? cell : where === '*' ? `${cell} in all projects` : `${cell} in ${where}`;
}

function machineChange(
  who: string,
  before: readonly MachineProject[],
  after: readonly MachineProject[],
): AccessChange {
  const had = secretsOf(before);
  const has = secretsOf(after);
  return {
    who,
    gained: [...has].filter((secret) => !had.has(secret)),
    lost: [...had].filter((secret) => !has.has(secret)),
    raised: [],
  };
}

/** `project/secret` of all that a machine was granted. */
export function secretsOf(access: readonly MachineProject[]): Set<string> {
  return new Set(access.flatMap(({ project, secrets }) => secrets.map((secret) => `${project}/${secret}`)));
}
