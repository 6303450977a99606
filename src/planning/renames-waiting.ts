/** What is declared, read by the former name of something whose rename waits. */
import { normalizeEmail } from '#model/organization.ts';
import type { Json, ManagedKind, ManagedRecord } from '#model/record.ts';
import { namesIt, type Rename, type RenamedKind, renamedIn } from '#model/rename.ts';
import type { Desired, Source } from './plan-types.ts';

export interface WaitingRename extends Rename {
  readonly source: Source;
  /** An object declares the former name too, and goes on by it. */
  readonly isDeclared: boolean;
}

/** What is declared as the plan reads it, and the objects that are read by a former name. */
export interface ReadAsBefore {
  readonly desired: Desired;
  readonly objects: readonly {
    readonly key: string;
    readonly source: Source;
    readonly rename: WaitingRename;
  }[];
}

/**
 * As if the commit had renamed none of them: what named one before goes on, by the former name. What did not name it before
 * gets nothing by that: it waits. All at once, since the new name of one may be the former one of another. Where an object
 * that is not renamed has the new name, what is declared by that name means it.
 */
export function asBefore(
  desired: Desired,
  waiting: readonly WaitingRename[],
  records: readonly ManagedRecord[],
): ReadAsBefore {
  const applied = new Map(records.map((record) => [`${record.kind}/${record.key}`, record.applied]));
  const objects: ReadAsBefore['objects'][number][] = [];
  const apart = waiting.reduce((read, rename) => {
    const { kind, from, to } = rename;
    const own = withOwn(read, kind, (item) => {
      if (item.name !== to || item.source.namespace !== rename.source.namespace) return item;
      return rename.isDeclared ? null : { ...item, name: apartFrom(from), renamedFrom: null };
    });
    const others: readonly Named[] = kind === 'Project' ? own.projects : own.templates;
    if (others.some(({ name }) => name === to)) return own;
    const given = kind === 'Project' ? grantedIn(desired, from) : new Set<string>();
    // Who names both, or is given something in both, means two things.
    const isTaken = waiting.some((other) => other.kind === kind && other.to === from);
    const named: May = (what, key, source, declared) => {
      if (!namesIt(applied.get(`${what}/${key}`) ?? null, kind, from)) return false;
      if (!isTaken && (namesIt(declared, kind, from) || given.has(`${what}/${key}`))) return false;
      objects.push({ key, source, rename });
      return true;
    };
    return referring(own, { kind, from: to, to: apartFrom(from) }, named);
  }, desired);
  const read = waiting.reduce((read, { kind, from }) => {
    const back: Rename = { kind, from: apartFrom(from), to: from };
    const own = withOwn(read, kind, (item) => (item.name === back.from ? { ...item, name: from } : item));
    return referring(own, back, () => true);
  }, apart);
  return { desired: read, objects };
}

/** Whom and which groups the object of a project grants something in it. */
function grantedIn({ projects }: Desired, project: string): ReadonlySet<string> {
  return new Set(
    projects
      .filter(({ name }) => name === project)
      .flatMap(({ grants, groupGrants }) => [
        ...grants.map(({ member }) => `Member/${normalizeEmail(member)}`),
        ...groupGrants.map(({ group }) => `Group/${group}`),
      ]),
  );
}

/** No name is one: where all of them stand in between. */
function apartFrom(name: string): string {
  return `\n${name}`;
}

interface Named {
  readonly name: string;
  readonly renamedFrom: string | null;
  readonly source: Source;
}

/** The declarations of the kind itself, each as `change` leaves it; null: left out. */
function withOwn(
  desired: Desired,
  kind: RenamedKind,
  change: <T extends Named>(item: T) => T | null,
): Desired {
  const changed = <T extends Named>(items: readonly T[]): readonly T[] =>
    items.flatMap((item) => change(item) ?? []);
  return kind === 'Project'
    ? { ...desired, projects: changed(desired.projects) }
    : { ...desired, templates: changed(desired.templates) };
}

/** Whether an object is read so. */
type May = (kind: ManagedKind, key: string, source: Source, declared: Json) => boolean;

/** What refers to it by the one name, by the other; of objects that `may` be read so. */
function referring(desired: Desired, rename: Rename, may: May): Desired {
  const inFields = <T extends { readonly fields: object; readonly source: Source }>(
    items: readonly T[],
    keyOf: (item: T) => string,
  ): readonly T[] =>
    items.map((item) => {
      const fields = renamedIn(item.fields, rename);
      const isRead =
        fields !== item.fields && may(item.source.kind, keyOf(item), item.source, item.fields as Json);
      return isRead ? { ...item, fields } : item;
    });
  return {
    ...desired,
    templates: inFields(desired.templates, ({ name }) => name),
    groups: inFields(desired.groups, ({ name }) => name),
    machines: inFields(desired.machines, ({ machineName }) => machineName),
    members: desired.members.map((item) => {
      const [whole, member] = [renamedIn(item, rename), renamedIn(item.member, rename)];
      if (whole === item && member === item.member) return item;
      const declared = { member: item.member, grants: item.grants } as unknown as Json;
      return may('Member', normalizeEmail(item.email), item.source, declared) ? { ...whole, member } : item;
    }),
  };
}
