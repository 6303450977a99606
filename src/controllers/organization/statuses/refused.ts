/**
 * Statuses of objects of another namespace that do not count: whoever may create one there learns nothing by it of what
 * the vault has under its name.
 */
import type { Resource } from '../../resources.ts';
import { Conditions, present, READINESS_AND_BESIDE, type StatusDraft } from './draft.ts';
import type { Problem } from './problems.ts';

const REFUSALS: ReadonlySet<string> = new Set(['NamespaceNotListed', 'NotAllowed', 'Conflict']);

export function isRefusedFromOutside(
  object: Resource,
  organization: Resource<'Organization'>,
  problem: Problem | undefined,
): problem is Problem {
  if (object.metadata.namespace === organization.metadata.namespace) return false;
  return problem !== undefined && REFUSALS.has(problem.reason);
}

/** `conditions`: those of the kind, which are all False; of a binding they are all that this pass writes. */
export function refusedStatusOf(
  object: Resource,
  conditions: readonly string[],
  { readiness, reason, message }: Problem,
  now: number,
): StatusDraft {
  const isBinding = conditions.includes('Registered');
  const draft = new Conditions(
    object,
    isBinding ? conditions : [...READINESS_AND_BESIDE, ...conditions],
    now,
  );
  for (const type of conditions) draft.set(type, false, reason, message);
  if (isBinding) return { conditions: draft.list };
  draft.readyUnless({ readiness, reason, message, beside: [] }, '');
  return { ...present({ observedGeneration: object.metadata.generation }), conditions: draft.list };
}
