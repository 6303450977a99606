/**
 * What the steps of a plan take into management that is in the vault already: what each gains by that (rail 2), and the
 * list of it for whoever reviews (rail 11).
 */
import type { Adopted } from '#model/adoption.ts';
import { normalizeEmail } from '#model/organization.ts';
import type { ManagedKind } from '#model/record.ts';
import type { Context } from './context.ts';
import type { Draft } from './contribution.ts';
import { madeOnce } from './made-once.ts';
import type { NewlyManaged, Step } from './plan-types.ts';
import { sortedBy } from './sorted.ts';

/**
 * What a step adopts as a gain. Of a machine any step does, since its first key of ours needs no record; of a project the
 * step that puts the record.
 */
export function adoptionsOf({ observed, record }: Context): (draft: Draft) => Adopted | null {
  // Made at the first step on something without a record: most plans have none.
  const machines = madeOnce(() => new Map(observed.machines.map(({ name, access }) => [name, access])));
  const secrets = madeOnce(() => {
    const counts = new Map<string, number>(observed.projects.map(({ name }) => [name, 0]));
    for (const { project } of observed.secrets) counts.set(project, (counts.get(project) ?? 0) + 1);
    return counts;
  });
  return ({ subject: { kind, key }, record: next, takesForeign }) => {
    if (takesForeign) return null;
    if (kind !== 'MachineBinding' && kind !== 'Project') return null;
    if (record(kind, key) !== undefined) return null;
    if (kind === 'MachineBinding') {
      const access = machines().get(key);
      return access === undefined ? null : { kind, key, access };
    }
    const count = next == null ? undefined : secrets().get(key);
    return count === undefined ? null : { kind, key, secrets: count };
  };
}

/** Who manages what from here on, of what was there: one entry a thing, whichever step puts its record. */
export function newlyManaged(
  { observed, record }: Context,
  planned: readonly { readonly step: Step }[],
): NewlyManaged[] {
  const there = madeOnce(() => keysThere(observed));
  const managed = new Map<string, NewlyManaged>();
  for (const { step } of planned) {
    const { subject, record: next } = step;
    if (next == null || subject.kind === 'Organization') continue;
    const before = record(subject.kind, subject.key)?.origin ?? null;
    if (before === next.origin) continue;
    const id = `${subject.kind}/${subject.key}`;
    if (before === null && !there().has(id)) continue;
    managed.set(id, { kind: subject.kind, key: subject.key, origin: next.origin, before });
  }
  return sortedBy(managed.values(), ({ kind, key }) => `${kind}/${key}`);
}

function keysThere({
  members,
  groups,
  templates,
  projects,
  machines,
}: Context['observed']): ReadonlySet<string> {
  const of = (kind: ManagedKind, keys: readonly string[]) => keys.map((key) => `${kind}/${key}`);
  return new Set([
    ...of(
      'Member',
      members.map(({ email }) => normalizeEmail(email)),
    ),
    ...of(
      'Group',
      groups.map(({ name }) => name),
    ),
    ...of(
      'PermissionTemplate',
      templates.map(({ name }) => name),
    ),
    ...of(
      'Project',
      projects.map(({ name }) => name),
    ),
    ...of(
      'MachineBinding',
      machines.map(({ name }) => name),
    ),
  ]);
}
