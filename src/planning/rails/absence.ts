/**
 * Loss by absence (design §4): a rebuilt cluster, a late Kustomization, a dropped namespace lose nothing. What is
 * judged are the records that nobody declares any more and that a step follows from.
 *
 * Decides rail 5: that nothing declared is no deletion.
 * Decides rail 9: which absence is a deletion, and that more than half of a kind gone at once is none.
 */
import { normalizeEmail } from '#model/organization.ts';
import type { ManagedKind, ManagedRecord } from '#model/record.ts';
import { isGrantsOnly } from '../applied.ts';
import { type Context, ownRecords } from '../context.ts';
import { exclusiveIn } from '../exclusive.ts';
import { foreignKeys } from '../foreign.ts';
import { madeOnce } from '../made-once.ts';
import type { HoldReason } from '../plan-types.ts';

export interface AbsenceJudge {
  /** Why the absence of a record counts for nothing yet; null: it is a deletion. */
  reasonOf(record: ManagedRecord): AbsenceReason | null;
  /** The same of what was never ours, by the kind of its step. */
  reasonOfForeign(kind: ManagedKind): AbsenceReason | null;
}
export type AbsenceReason = Extract<
  HoldReason,
  'EmptySource' | 'MassAbsence' | 'NotSeenDeclared' | 'OriginGone'
>;

/** Kinds whose objects can be absent; an Organization that is gone is not planned for at all. */
const KINDS = ['Member', 'Group', 'PermissionTemplate', 'Project', 'MachineBinding'] as const;
type Kind = (typeof KINDS)[number];

export function absenceJudge(context: Context): AbsenceJudge {
  const { desired } = context;
  const nothing =
    KINDS.every((kind) => declaredIn(context, kind).length === 0) && desired.incomplete.length === 0;
  // Asked once a step.
  const massForeign = Object.fromEntries(
    KINDS.map((kind) => [kind, madeOnce(() => isMassForeign(context, kind))]),
  ) as Record<Kind, () => boolean>;
  const mass = new Set(KINDS.flatMap((kind) => massAbsent(context, kind)));
  return {
    reasonOf(record) {
      if (nothing) return 'EmptySource';
      if (desired.seenUnder !== null) {
        const present = desired.seenUnder[record.origin];
        if (present === undefined) return 'OriginGone';
        if (record.seenUnder !== present[declaringKind(record)]) return 'NotSeenDeclared';
      }
      return mass.has(`${record.kind}/${record.origin}`) ? 'MassAbsence' : null;
    },
    reasonOfForeign(kind) {
      if (nothing) return 'EmptySource';
      return kind !== 'Organization' && massForeign[kind]() ? 'MassAbsence' : null;
    },
  };
}

/** What was there before the authority came into force, or more of a kind than is declared. */
function isMassForeign(context: Context, kind: Kind): boolean {
  if (exclusiveIn(context, kind) === 'Waits') return true;
  return foreignKeys(context, kind).length > declaredIn(context, kind).length;
}

/** A record of grants alone stands for Project objects. */
function declaringKind(record: ManagedRecord): ManagedKind {
  return isGrantsOnly(record) ? 'Project' : record.kind;
}

/**
 * `kind/origin` where a kind of one origin falls to zero, or where more than half of what was and is declared is gone
 * (of more than one). New objects count whether they were created already or not: the answer is the same whatever
 * order a source applies and prunes in.
 */
function massAbsent(context: Context, kind: Kind): string[] {
  const declared = declaredIn(context, kind);
  const keys = new Set(declared.map(({ key }) => key));
  const present = countedBy(declared);
  const gone = ownRecords(context, kind).filter((record) => !isGrantsOnly(record) && !keys.has(record.key));
  return [...countedBy(gone)].flatMap(([origin, absent]) =>
    absent > (present.get(origin) ?? 0) ? [`${kind}/${origin}`] : [],
  );
}

function countedBy(objects: readonly { readonly origin: string }[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { origin } of objects) counts.set(origin, (counts.get(origin) ?? 0) + 1);
  return counts;
}

/** Objects of a kind, with those that cannot be read. */
function declaredIn(context: Context, kind: Kind): { key: string; origin: string }[] {
  const { desired } = context;
  const items = (): { key: string; origin: string }[] => {
    switch (kind) {
      case 'Member':
        return desired.members.map((m) => ({ key: normalizeEmail(m.email), origin: m.source.namespace }));
      case 'Group':
        return desired.groups.map((g) => ({ key: g.name, origin: g.source.namespace }));
      case 'PermissionTemplate':
        return desired.templates.map((t) => ({ key: t.name, origin: t.source.namespace }));
      case 'Project':
        return desired.projects.map((p) => ({ key: p.name, origin: p.source.namespace }));
      case 'MachineBinding':
        return desired.machines.map((m) => ({ key: m.machineName, origin: m.source.namespace }));
    }
  };
  const unread = desired.incomplete.filter((object) => object.kind === kind);
  return [...items(), ...unread.map(({ key, source }) => ({ key, origin: source.namespace }))];
}
