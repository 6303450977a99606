/**
 * What is in a vault beyond a declaration, by brute force: things, and what people, groups and machines have. Nothing is
 * asked of planning.
 */
import fc from 'fast-check';
import type { Grant, MachineProject, OrganizationState } from '#model/organization.ts';
import type { ManagedKind } from '#model/record.ts';
import type { StepAction } from '#model/step.ts';
import type { Desired } from '#planning/plan-types.ts';

/** What a record, or one side of a step, has beside fields: grants, people whom a group lists, what a machine reads. */
export interface Items {
  readonly grants?: readonly { readonly project: string }[];
  readonly members?: readonly string[];
  readonly access?: readonly MachineProject[];
}

export function itemsIn({ grants = [], members = [], access = [] }: Items): string[] {
  return [
    ...grants.map(({ project }) => `grant ${project}`),
    ...members.map((email) => `lists ${email}`),
    ...access.flatMap(({ project, secrets }) => [
      `reads ${project}`,
      ...secrets.map((secret) => `reads ${project}/${secret}`),
    ]),
  ];
}

/** The items that a step takes while the thing itself stays. */
export function goneBy({ kind, before, after }: StepAction): string[] {
  if (kind !== 'SetMemberAccess' && kind !== 'UpdateGroup' && kind !== 'SetMachineAccess') return [];
  const kept = new Set(itemsIn(after));
  return itemsIn(before).filter((item) => !kept.has(item));
}

/**
 * Of what nobody declares and no record names: a project with secrets, a template that somebody holds, a machine that is
 * disabled.
 */
export function mayBeLeft(thing: string, { secrets, members, machines }: OrganizationState): boolean {
  const [kind, name] = thing.split(' ');
  switch (kind) {
    case 'Project':
      return secrets.some(({ project }) => project === name);
    case 'PermissionTemplate':
      return members.some(({ template }) => template === name);
    case 'MachineBinding':
      return machines.some((machine) => machine.name === name && !machine.enabled);
    default:
      return false;
  }
}

/**
 * What people and machines have, and what groups give and whom they list, beyond what is declared. A group that gives
 * nobody anything is none; what another manager has, and what is declared and not taken over, stays as it is. So does what
 * is given in a project of another manager, which is declared here too and may come to be ours.
 */
export function itemsBeyond(
  { manager, members, groups, projects, machines }: Desired,
  { records, ...state }: OrganizationState,
): string[] {
  const of = (name: string, items: Items): string[] => itemsIn(items).map((item) => `${name}: ${item}`);
  const granted = projects.flatMap(({ name, grants, groupGrants }) => [
    ...grants.map(({ member }) => ({ holder: member, item: `grant ${name}` })),
    ...groupGrants.map(({ group }) => ({ holder: group, item: `grant ${name}` })),
  ]);
  const declared = new Set([
    ...members.flatMap(({ email, grants }) => of(email, { grants })),
    ...groups.flatMap(({ name, fields }) => of(name, fields)),
    ...granted.map(({ holder, item }) => `${holder}: ${item}`),
    ...machines.flatMap(({ machineName, fields }) => of(machineName, fields)),
  ]);
  const named = new Set([
    ...members.map(({ email }) => email),
    ...groups.map(({ name }) => name),
    ...granted.map(({ holder }) => holder),
    ...machines.map(({ machineName }) => machineName),
  ]);
  const recordOf = (kind: ManagedKind, name: string) =>
    records.find((one) => one.kind === kind && one.key === name);
  const isToJudge = (kind: ManagedKind, name: string): boolean => {
    const record = recordOf(kind, name);
    if (record === undefined) return !named.has(name);
    // Where no Member and no Group was applied, what Projects grant is ours, and no more.
    const { member, group } = record.applied as { readonly member?: unknown; readonly group?: unknown };
    return record.manager === manager && member !== null && group !== null;
  };
  const isDecided = ({ project }: { readonly project: string }): boolean =>
    !projects.some(({ name }) => name === project) || recordOf('Project', project)?.manager === manager;
  const people = state.members.filter(({ email }) => isToJudge('Member', email));
  const giving = state.groups
    .filter((group) => group.members.length > 0 && group.grants.length > 0)
    .filter(({ name }) => isToJudge('Group', name));
  const enabled = state.machines.filter(({ name, enabled }) => enabled && isToJudge('MachineBinding', name));
  return [
    ...people.flatMap(({ email, grants }) => of(email, { grants: grants.filter(isDecided) })),
    ...giving.flatMap(({ name, grants, members }) => of(name, { members, grants: grants.filter(isDecided) })),
    ...enabled.flatMap(({ name, access }) => of(name, { access })),
  ].filter((item) => !declared.has(item));
}

/** What people do in the vault beside Git: grants and memberships, and projects that a machine reads. */
export interface Gift {
  readonly to: 'Member' | 'Group' | 'MachineBinding' | 'Listed';
  readonly which: number;
  readonly what: number;
}

export const arbitraryGifts: fc.Arbitrary<readonly Gift[]> = fc.array(
  fc.record({
    to: fc.constantFrom('Member' as const, 'Group' as const, 'MachineBinding' as const, 'Listed' as const),
    which: fc.nat(5),
    what: fc.nat(5),
  }),
  { maxLength: 6 },
);

/** The organization after the gifts; none that is there already, and none to the owner. */
export function withGifts(state: OrganizationState, gifts: readonly Gift[]): OrganizationState {
  return gifts.reduce(withGift, state);
}

function withGift(state: OrganizationState, { to, which, what }: Gift): OrganizationState {
  const people = state.members.filter(({ email }) => email !== state.owner);
  const project = pick(state.projects, what)?.name;
  const person = pick(people, what)?.email;
  const changed = <T extends object>(all: readonly T[], one: T | undefined, change: (one: T) => T): T[] =>
    all.map((other) => (other === one ? change(other) : other));
  switch (to) {
    case 'Member': {
      const grants = (one: (typeof people)[number]) => ({ ...one, grants: granted(one.grants, project) });
      return { ...state, members: changed(state.members, pick(people, which), grants) };
    }
    case 'Group': {
      const grants = (one: (typeof state.groups)[number]) => ({
        ...one,
        grants: granted(one.grants, project),
      });
      return { ...state, groups: changed(state.groups, pick(state.groups, which), grants) };
    }
    case 'Listed': {
      const listing = (one: (typeof state.groups)[number]) => ({
        ...one,
        members: person === undefined ? one.members : [...new Set([...one.members, person])].sort(),
      });
      return { ...state, groups: changed(state.groups, pick(state.groups, which), listing) };
    }
    case 'MachineBinding': {
      const access = (one: (typeof state.machines)[number]) => ({
        ...one,
        access: read(one.access, project),
      });
      return { ...state, machines: changed(state.machines, pick(state.machines, which), access) };
    }
  }
}

function pick<T>(all: readonly T[], index: number): T | undefined {
  return all[index % all.length];
}

function granted(grants: readonly Grant[], project: string | undefined): readonly Grant[] {
  if (project === undefined || grants.some((grant) => grant.project === project)) return grants;
  return [...grants, { project, access: 'Read' as const }].sort((a, b) => (a.project < b.project ? -1 : 1));
}

function read(access: readonly MachineProject[], project: string | undefined): readonly MachineProject[] {
  if (project === undefined || access.some((one) => one.project === project)) return access;
  return [...access, { project, secrets: [] }].sort((a, b) => (a.project < b.project ? -1 : 1));
}
