/**
 * Whom and which groups objects brought, of those in the vault. A namespace other than the Organization's decides over
 * nobody else: it adopts nobody, and says who is in a group only where it knew all that the group gives.
 *
 * Decides rail 2: whom and which groups another namespace decides over.
 */
import { type Group, normalizeEmail, type OrganizationState } from '#model/organization.ts';
import type { ManagedKind, ManagedRecord } from '#model/record.ts';
import { appliedGroup, isGrantsOnly } from './applied.ts';
import type { GroupsGranted } from './groups-granted.ts';
import { madeOnce } from './made-once.ts';
import type { DesiredGroup } from './plan-types.ts';

/** What there is before the plan, as far as it decides who may declare what. */
export type Observed = Pick<OrganizationState, 'members' | 'groups' | 'records'>;

export class ManagedByObject {
  readonly #manager: string;
  readonly #people: () => ReadonlySet<string>;
  readonly #groups: () => ReadonlyMap<string, Group>;
  /** By `Kind/key`; without those that only grants of Project objects made: such a grant says nothing of whose it is. */
  readonly #records: () => ReadonlyMap<string, ManagedRecord>;

  constructor(manager: string, { members, groups, records }: Observed) {
    this.#manager = manager;
    this.#people = madeOnce(() => new Set(members.map(({ email }) => normalizeEmail(email))));
    this.#groups = madeOnce(() => new Map(groups.map((group) => [group.name, group])));
    this.#records = madeOnce(() => {
      const ofObjects = records.filter((record) => !isGrantsOnly(record));
      return new Map(ofObjects.map((record) => [nameOf(record.kind, record.key), record]));
    });
  }

  /** Whether the thing has a record of another manager. */
  isOfAnother(kind: ManagedKind, key: string): boolean {
    const record = this.#record(kind, key);
    return record !== undefined && record.manager !== this.#manager;
  }

  /** Whether the person is in the vault and no Member object brought them. */
  isStranger(email: string): boolean {
    return this.#people().has(normalizeEmail(email)) && this.#record('Member', email) === undefined;
  }

  /** Whether the group is in the vault and no Group object made it. */
  isStrangeGroup(name: string): boolean {
    return this.#groups().has(name) && this.#record('Group', name) === undefined;
  }

  /**
   * Projects in which the group gives, or is about to give, what its namespace did not know of. Of a group that came from
   * there it is what people gave: whoever grants it something by a Project object knows whose it is. Of any other it is
   * what Project objects grant too, since these may mean another group of that name.
   */
  givenBeside({ name, source: { namespace } }: DesiredGroup, granted: GroupsGranted): readonly string[] {
    const given = (this.#groups().get(name)?.grants ?? []).map(({ project }) => project);
    const byProjects = granted.to(name);
    const record = this.#record('Group', name);
    if (record?.origin !== namespace) return [...given, ...byProjects];
    const applied = new Set(appliedGroup(record.applied).grants.map(({ project }) => project));
    return given.filter(
      (project) =>
        !byProjects.has(project) && !(applied.has(project) && this.#isUnread(project, namespace, granted)),
    );
  }

  /**
   * Whether the object that brought the project is there and cannot be read: it goes on granting. One of the group's own
   * namespace vouches for nothing.
   */
  #isUnread(project: string, namespace: string, granted: GroupsGranted): boolean {
    const origin = this.#record('Project', project)?.origin;
    return origin !== undefined && origin !== namespace && granted.isUnread(project, origin);
  }

  #record(kind: ManagedKind, key: string): ManagedRecord | undefined {
    return this.#records().get(nameOf(kind, key));
  }
}

/** `Kind/key`; a person is the same however their address is written. */
function nameOf(kind: ManagedKind, key: string): string {
  return `${kind}/${kind === 'Member' ? normalizeEmail(key) : key}`;
}
