/**
 * What objects name, whether they count or not: a list of people, a grant, a scope, an entry. What none of them names may
 * go where the authority is exclusive.
 *
 * Decides rail 11: what an object names, so that it is never taken.
 */
import { normalizeEmail, type ProjectScope } from '#model/organization.ts';
import type { ManagedKind } from '#model/record.ts';
import type { Desired, ForeignKind, Names } from './plan-types.ts';

type Declarations = Pick<
  Desired,
  'members' | 'groups' | 'templates' | 'projects' | 'machines' | 'incomplete'
>;
type Keys = Readonly<Record<ForeignKind, readonly string[]>>;

const KINDS = ['Member', 'Group', 'PermissionTemplate', 'Project', 'MachineBinding'] as const;

/** Which kinds an object that cannot be read as a declaration may name things of, beside itself. */
const MAY_NAME: Readonly<Record<ManagedKind, readonly ForeignKind[]>> = {
  Organization: ['Member', 'PermissionTemplate', 'Project'],
  Member: ['PermissionTemplate', 'Project'],
  Group: ['Member', 'Project'],
  PermissionTemplate: ['Project'],
  Project: ['Member', 'Group'],
  MachineBinding: ['Project'],
};

/** What objects name. Pure. `unreadable`: kinds of objects whose own natural key cannot be read. */
export function namesIn(declarations: Declarations, unreadable: Iterable<ForeignKind> = []): Names {
  const [declared, referred] = [declaredIn(declarations), referredIn(declarations)];
  const unread = declarations.incomplete.flatMap(({ kind }) => MAY_NAME[kind]);
  return {
    named: byKind((kind) => distinct([...declared[kind], ...referred[kind]])),
    unknown: distinct([...unread, ...[...unreadable].flatMap((kind) => [kind, ...MAY_NAME[kind]])]),
  };
}

/** The objects themselves, and whom and which groups projects grant something, which is a declaration about them. */
export function declaredIn({
  members,
  groups,
  templates,
  projects,
  machines,
  incomplete,
}: Declarations): Keys {
  const unread = Map.groupBy(incomplete, ({ kind }) => kind);
  const keys: Keys = {
    Member: [
      ...members.map(({ email }) => email),
      ...projects.flatMap(({ grants }) => grants.map(({ member }) => member)),
    ],
    Group: [
      ...groups.map(({ name }) => name),
      ...projects.flatMap(({ groupGrants }) => groupGrants.map(({ group }) => group)),
    ],
    PermissionTemplate: templates.map(({ name }) => name),
    Project: projects.map(({ name }) => name),
    MachineBinding: machines.map(({ machineName }) => machineName),
  };
  return byKind((kind) =>
    normalized(kind, [...keys[kind], ...(unread.get(kind) ?? []).map(({ key }) => key)]),
  );
}

/** Whom and what objects refer to, though no object may declare it. */
function referredIn({ members, groups, templates, machines }: Declarations): Keys {
  return {
    Member: normalized(
      'Member',
      groups.flatMap(({ fields }) => fields.members),
    ),
    Group: [],
    PermissionTemplate: members.flatMap(({ member }) => member.template ?? []),
    Project: [
      ...members.flatMap(({ member, grants }) => [
        ...inScope(member.projectScope),
        ...grants.map(({ project }) => project),
      ]),
      ...groups.flatMap(({ fields }) => fields.grants.map(({ project }) => project)),
      ...templates.flatMap(({ fields }) => inScope(fields.projectScope)),
      ...machines.flatMap(({ fields }) => fields.access.map(({ project }) => project)),
    ],
    MachineBinding: [],
  };
}

/** Whom and what the Organization itself refers to: who owns, administers and approves, and what its entries list. */
function referredByOrganization({ organization }: Pick<Desired, 'organization'>): Keys {
  const { owner, rails } = organization.fields;
  const { requiredAdmins, approvers, access } = rails;
  return {
    Member: normalized('Member', [
      ...(owner === null ? [] : [owner]),
      ...requiredAdmins,
      ...approvers.members,
      // The API server may know people by their e-mails.
      ...approvers.users,
    ]),
    Group: [],
    PermissionTemplate: access.flatMap(({ templates }) => templates),
    Project: access.flatMap(({ projects }) => projects),
    MachineBinding: [],
  };
}

/** Natural keys of each kind, to be asked for. */
export type KeySets = Readonly<Record<ForeignKind, ReadonlySet<string>>>;

export function keySets(...all: readonly Keys[]): KeySets {
  return byKind((kind) => new Set(all.flatMap((keys) => keys[kind])));
}

/** What is named by any object of an organization, in whatever namespace it is and whether it counts or not. */
export class Named {
  readonly #named: KeySets;
  readonly #unknown: ReadonlySet<ForeignKind>;

  /** `desired`: all that there is, before what does not count is left out. */
  constructor(desired: Desired) {
    const [names, { uncounted }] = [namesIn(desired), desired];
    this.#named = keySets(names.named, uncounted.named, referredByOrganization(desired));
    this.#unknown = new Set([...names.unknown, ...uncounted.unknown]);
  }

  /** Whether an object names it, or may: one that cannot be read may name anything of the kinds that it can. */
  mayHave(kind: ForeignKind, key: string): boolean {
    return this.#unknown.has(kind) || this.#named[kind].has(key);
  }
}

export const NO_NAMES: Names = { named: byKind(() => []), unknown: [] };

function byKind<Value>(of: (kind: ForeignKind) => Value): Readonly<Record<ForeignKind, Value>> {
  return Object.fromEntries(KINDS.map((kind) => [kind, of(kind)])) as Record<ForeignKind, Value>;
}

function normalized(kind: ForeignKind, keys: readonly string[]): readonly string[] {
  return kind === 'Member' ? keys.map(normalizeEmail) : keys;
}

function inScope(scope: ProjectScope | null): readonly string[] {
  return scope === null || scope === 'All' ? [] : scope;
}

function distinct<T>(items: Iterable<T>): T[] {
  return [...new Set(items)];
}
