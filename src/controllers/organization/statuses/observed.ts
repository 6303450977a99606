/** The vault as statuses look it up, by the names that objects give: made once a pass, not looked through for each object. */
import type { Kind } from '#api/v1alpha1/kinds.ts';
import type {
  Group,
  Machine,
  Member,
  OrganizationState,
  PermissionTemplate,
  Project,
} from '#model/organization.ts';
import type { ManagedRecord } from '#model/record.ts';

export interface Observed {
  /** By e-mail. */
  readonly members: ReadonlyMap<string, Member>;
  /** By `Kind/key`, as `recordKey` makes it. */
  readonly records: ReadonlyMap<string, ManagedRecord>;
  /** E-mails of who declined an invite. */
  readonly declined: ReadonlySet<string>;
  /** The list itself: what groups give is found by it. */
  readonly groups: OrganizationState['groups'];
  readonly groupOf: ReadonlyMap<string, Group>;
  readonly templates: ReadonlyMap<string, PermissionTemplate>;
  /** How many hold a template, by its name; without those that nobody holds. */
  readonly holders: ReadonlyMap<string, number>;
  readonly projects: ReadonlyMap<string, Project>;
  /** Names of secrets, by their project. */
  readonly secrets: ReadonlyMap<string, ReadonlySet<string>>;
  readonly machines: ReadonlyMap<string, Machine>;
}

/** Pure; each list is gone through once. */
export function observedOf(state: OrganizationState): Observed {
  const holders = new Map<string, number>();
  for (const { template } of state.members)
    if (template !== null) holders.set(template, (holders.get(template) ?? 0) + 1);
  const secrets = new Map<string, Set<string>>();
  for (const { project, name } of state.secrets) {
    const names = secrets.get(project);
    if (names === undefined) secrets.set(project, new Set([name]));
    else names.add(name);
  }
  const declined = state.tombstones.filter(({ kind, act }) => kind === 'Member' && act === 'Declined');
  return {
    members: new Map(state.members.map((member) => [member.email, member])),
    records: new Map(state.records.map((record) => [recordKey(record.kind, record.key), record])),
    declined: new Set(declined.map(({ key }) => key)),
    groups: state.groups,
    groupOf: byName(state.groups),
    templates: byName(state.templates),
    holders,
    projects: byName(state.projects),
    secrets,
    machines: byName(state.machines),
  };
}

export function recordKey(kind: Kind, key: string): string {
  return `${kind}/${key}`;
}

function byName<T extends { readonly name: string }>(things: readonly T[]): ReadonlyMap<string, T> {
  return new Map(things.map((thing) => [thing.name, thing]));
}
