/**
 * A project or a permission template under another name (`renamedFrom`): what names it, wherever that stands. The vault keeps
 * access by id, and what managers applied, and what people cut, by name: plan and vault rename both by the same functions.
 *
 * Decides P2: what a rename takes along.
 */
import type {
  FormerName,
  GrantTerms,
  MachineProject,
  OrganizationState,
  ProjectScope,
} from './organization.ts';
import type { Json, ManagedRecord, Tombstone, TombstoneAct } from './record.ts';
import { compareText } from './text-order.ts';

/** What has a name of its own in Git and keeps its object in the vault under another one. */
export type RenamedKind = FormerName['kind'];

export interface Rename {
  readonly kind: RenamedKind;
  readonly from: string;
  readonly to: string;
}

/** How long a former name is its origin's alone: long enough for every copy of it to be found. */
export const NAME_KEPT_FOR = 30 * 24 * 60 * 60 * 1000;

/** The fields by which anything names projects and templates, in the vault, in records and in what is declared alike. */
interface Naming {
  readonly template?: string | null;
  readonly projectScope?: ProjectScope | null;
  readonly grants?: readonly (GrantTerms & { readonly project: string })[];
  readonly access?: readonly MachineProject[];
}

/** The same value where it does not name what is renamed. Of two that have one name then, the renamed one stays. */
export function renamedIn<T extends object>(value: T, rename: Rename): T {
  const { template, projectScope, grants, access } = value as Naming;
  const { kind, from, to } = rename;
  if (kind === 'PermissionTemplate') return template === from ? { ...value, template: to } : value;
  const named = (item: { readonly project: string }): boolean => item.project === from;
  const changes: { -readonly [Field in keyof Naming]: Naming[Field] } = {};
  if (Array.isArray(projectScope) && projectScope.includes(from)) {
    const others = (projectScope as readonly string[]).filter(
      (project) => project !== from && project !== to,
    );
    changes.projectScope = [...others, to].sort(compareText);
  }
  if (Array.isArray(grants) && grants.some(named)) changes.grants = moved(grants, rename);
  if (Array.isArray(access) && access.some(named)) changes.access = moved(access, rename);
  return Object.keys(changes).length === 0 ? value : { ...value, ...changes };
}

function moved<T extends { readonly project: string }>(items: readonly T[], { from, to }: Rename): T[] {
  return items
    .filter(({ project }) => project !== to)
    .map((item) => (item.project === from ? { ...item, project: to } : item))
    .sort((a, b) => compareText(a.project, b.project));
}

/** What a manager applied, with the new name. The fields of a Member object stand one level deeper. */
function renamedApplied(applied: Json, rename: Rename): Json {
  if (typeof applied !== 'object' || applied === null || Array.isArray(applied)) return applied;
  const whole = renamedIn(applied as { readonly [key: string]: Json }, rename);
  const { member } = whole;
  if (typeof member !== 'object' || member === null || Array.isArray(member)) return whole;
  const own = renamedIn(member, rename);
  return own === member ? whole : { ...whole, member: own };
}

/** Whether what a manager applied, or an object declares, names it. */
export function namesIt(applied: Json, kind: RenamedKind, name: string): boolean {
  return renamedApplied(applied, { kind, from: name, to: '' }) !== applied;
}

/** The record of the thing itself, which remembers its former name, and those of whatever names it. */
export function renamedRecord(record: ManagedRecord, rename: Rename): ManagedRecord {
  if (record.kind === rename.kind && record.key === rename.from) {
    return { ...record, key: rename.to, renamedFrom: rename.from };
  }
  const applied = renamedApplied(record.applied, rename);
  return applied === record.applied ? record : { ...record, applied };
}

const CUTS_BY_PROJECT: readonly TombstoneAct[] = ['GrantRemoved', 'ScopeNarrowed'];

/** Rail 7: what a person cut stays cut, whatever it is called by now. */
export function renamedTombstone(tombstone: Tombstone, { kind, from, to }: Rename): Tombstone {
  const { act, item } = tombstone;
  if (tombstone.kind === kind && tombstone.key === from) return { ...tombstone, key: to };
  if (item === null) return tombstone;
  if (kind === 'PermissionTemplate') {
    return act === 'TemplateTaken' && item === from ? { ...tombstone, item: to } : tombstone;
  }
  if (!CUTS_BY_PROJECT.includes(act)) return tombstone;
  if (item === from) return { ...tombstone, item: to };
  // Of a machine `project/secret`; names have no slash.
  return item.startsWith(`${from}/`) ? { ...tombstone, item: `${to}${item.slice(from.length)}` } : tombstone;
}

/** The organization once the rename is done; `kept` is the former name from then on. */
export function renamedOrganization(
  state: OrganizationState,
  rename: Rename,
  kept: FormerName,
): OrganizationState {
  const own = <T extends { readonly name: string }>(items: readonly T[], kind: RenamedKind): readonly T[] =>
    kind !== rename.kind
      ? items
      : items
          .map((item) => (item.name === rename.from ? { ...item, name: rename.to } : item))
          .sort((a, b) => compareText(a.name, b.name));
  const named = <T extends object>(items: readonly T[]): readonly T[] =>
    items.map((item) => renamedIn(item, rename));
  return {
    ...state,
    projects: own(state.projects, 'Project'),
    templates: own(named(state.templates), 'PermissionTemplate'),
    members: named(state.members),
    groups: named(state.groups),
    machines: named(state.machines),
    secrets: rename.kind === 'Project' ? renamedSecrets(state.secrets, rename) : state.secrets,
    records: state.records.map((record) => renamedRecord(record, rename)).sort(byKindAndKey),
    tombstones: state.tombstones.map((tombstone) => renamedTombstone(tombstone, rename)),
    formerNames: [...state.formerNames.filter((one) => !isSameName(one, kept)), kept].sort(byKindAndKey),
  };
}

function renamedSecrets(secrets: OrganizationState['secrets'], { from, to }: Rename) {
  return secrets
    .map((secret) => (secret.project === from ? { ...secret, project: to } : secret))
    .sort((a, b) => compareText(a.project, b.project) || compareText(a.name, b.name));
}

interface Keyed {
  readonly kind: string;
  readonly key: string;
}

function isSameName(one: Keyed, other: Keyed): boolean {
  return one.kind === other.kind && one.key === other.key;
}

function byKindAndKey(a: Keyed, b: Keyed): number {
  return compareText(a.kind, b.kind) || compareText(a.key, b.key);
}

/** Whether somebody else may not take the name yet: it is the one manager's and origin's that renamed what had it. */
export function isKeptFrom(
  former: Pick<FormerName, 'manager' | 'origin' | 'until'>,
  { manager, origin }: { readonly manager: string; readonly origin: string | null },
  now: number,
): boolean {
  return former.until > now && (former.manager !== manager || former.origin !== origin);
}
