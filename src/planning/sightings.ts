/** Which records were seen declared under the present UIDs: what a later loss by absence is judged by. */
import { normalizeEmail } from '#model/organization.ts';
import type { ManagedKind } from '#model/record.ts';
import type { Context } from './context.ts';
import type { OrganizationPlan, Source, Step } from './plan-types.ts';
import { sortedBy } from './sorted.ts';

/** Leaves out what a step of this pass records anyway. */
export function sightingsOf(context: Context, runnable: readonly Step[]): OrganizationPlan['sightings'] {
  const { desired, observed } = context;
  const declared: readonly (readonly [ManagedKind, string, Source])[] = [
    ['Organization', observed.vaultId, desired.organization.source],
    ...desired.members.map(({ email, source }) => ['Member', normalizeEmail(email), source] as const),
    ...desired.groups.map(({ name, source }) => ['Group', name, source] as const),
    ...desired.templates.map(({ name, source }) => ['PermissionTemplate', name, source] as const),
    ...desired.projects.map(({ name, source }) => ['Project', name, source] as const),
    ...desired.machines.map((machine) => ['MachineBinding', machine.machineName, machine.source] as const),
  ];
  const recorded = new Set(
    runnable.flatMap(({ record, subject }) => (record == null ? [] : [`${subject.kind}/${subject.key}`])),
  );
  const sightings = new Map<string, { kind: ManagedKind; key: string; seenUnder: string }>();
  for (const [kind, key, { seenUnder, namespace }] of declared) {
    const record = context.record(kind, key);
    if (seenUnder === null || record === undefined || record.manager !== desired.manager) continue;
    if (record.origin !== namespace || record.seenUnder === seenUnder) continue;
    if (recorded.has(`${kind}/${key}`)) continue;
    sightings.set(`${kind}/${key}`, { kind, key, seenUnder });
  }
  return sortedBy(sightings.values(), ({ kind, key }) => `${kind}/${key}`);
}
