/** What Project objects grant to groups, by the name of the group; indexes that are made once a plan. */
import { madeOnce } from './made-once.ts';
import type { Desired } from './plan-types.ts';

const NONE: ReadonlySet<string> = new Set();

export class GroupsGranted {
  readonly #projects: () => ReadonlyMap<string, ReadonlySet<string>>;
  readonly #unread: () => ReadonlySet<string>;

  /** `unread`: objects that stand for something and cannot be read as a declaration, or do not count. */
  constructor(projects: Desired['projects'], unread: Desired['incomplete']) {
    this.#projects = madeOnce(() => {
      const byGroup = new Map<string, Set<string>>();
      for (const { name, groupGrants } of projects) {
        for (const { group } of groupGrants) {
          const granting = byGroup.get(group);
          if (granting === undefined) byGroup.set(group, new Set([name]));
          else granting.add(name);
        }
      }
      return byGroup;
    });
    this.#unread = madeOnce(
      () =>
        new Set(
          unread.flatMap(({ kind, key, source }) =>
            kind === 'Project' ? [`${source.namespace}/${key}`] : [],
          ),
        ),
    );
  }

  /** Names of the projects whose objects grant the group something. */
  to(group: string): ReadonlySet<string> {
    return this.#projects().get(group) ?? NONE;
  }

  /** Whether an object of the namespace stands for the project, and what it grants is not known. */
  isUnread(project: string, namespace: string): boolean {
    return this.#unread().has(`${namespace}/${project}`);
  }
}
