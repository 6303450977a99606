/** What is told of a pass as Events: once per change and object, never for a pass that did nothing. */
import type { Kind } from '#api/v1alpha1/kinds.ts';
import { provenanceText } from '#model/provenance-text.ts';
import type { Condition } from '#runtime/runtime.ts';
import type { Resource } from '../resources.ts';
import { declarationsBySteps } from './declared-by.ts';
import type { ExecutedStep } from './executed.ts';
import type { OrganizationObjects } from './objects.ts';
import type { StatusPatch } from './statuses/statuses.ts';

export interface EventToTell {
  readonly kind: Kind;
  readonly object: Resource;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly action: string;
  readonly note: string;
}

/** `patches`: those that say something else than before, so that a condition that stays is told once. */
export function eventsOf(
  objects: OrganizationObjects,
  executed: readonly ExecutedStep[],
  patches: readonly StatusPatch[],
): readonly EventToTell[] {
  const declarationOf = declarationsBySteps(objects);
  const groups = new Map<Resource, { kind: Kind; steps: ExecutedStep[] }>();
  for (const step of executed) {
    const { kind, object } = declarationOf(step.action) ?? {
      kind: 'Organization' as const,
      object: objects.organization,
    };
    const group = groups.get(object);
    if (group === undefined) groups.set(object, { kind, steps: [step] });
    else group.steps.push(step);
  }
  return [
    ...[...groups].map(([object, group]) => executedEvent(object, group)),
    ...patches.flatMap((patch) => toldEvents(patch)),
  ];
}

function executedEvent(object: Resource, group: { kind: Kind; steps: readonly ExecutedStep[] }): EventToTell {
  const [first, ...others] = group.steps.map(({ action }) => action.kind);
  const claims = new Set(group.steps.map(({ provenance }) => provenanceText(provenance)));
  claims.delete(null);
  return {
    kind: group.kind,
    object,
    type: 'Normal',
    reason: others.length === 0 && first !== undefined ? first : 'StepsExecuted',
    action: first ?? 'Reconcile',
    note: [
      group.steps.map(({ action: { kind, key } }) => `${kind} ${key}`).join('; '),
      ...[...claims].map((claim) => `(${claim})`),
    ].join(' '),
  };
}

/** What somebody has to look at: what stalls, and what people cut. */
const TOLD: readonly string[] = ['Stalled', 'CutByPerson'];

function toldEvents({ kind, object, status }: StatusPatch): readonly EventToTell[] {
  const told = status.conditions.filter(
    (condition) => TOLD.includes(condition.type) && !saidBefore(object, condition),
  );
  const events = told.map(
    ({ reason, message }): EventToTell => ({
      kind,
      object,
      type: 'Warning',
      reason,
      action: 'Reconcile',
      note: message,
    }),
  );
  // Under `rails.cuts: Stall` both conditions say the same.
  return events.filter(({ note }, index) => events.findIndex((other) => other.note === note) === index);
}

function saidBefore(object: Resource, { type, reason, message }: Condition): boolean {
  const before = (object.status as { conditions?: readonly Condition[] } | undefined)?.conditions ?? [];
  return before.some((one) => one.type === type && one.reason === reason && one.message === message);
}
