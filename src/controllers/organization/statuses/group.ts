import type { Resource } from '../../resources.ts';
import { Conditions, present, READINESS_AND_BESIDE, type StatusDraft } from './draft.ts';
import type { Observed } from './observed.ts';
import type { Problem } from './problems.ts';

const OWNED = [...READINESS_AND_BESIDE, 'MembersResolved'];

export function groupStatusOf(
  object: Resource<'Group'>,
  observed: Observed,
  problem: Problem | undefined,
  now: number,
): StatusDraft {
  const name = object.spec.name ?? object.metadata.name;
  const group = observed.groupOf.get(name);
  const conditions = new Conditions(object, OWNED, now);
  if (problem === undefined && group !== undefined) conditions.set('MembersResolved', true, 'Succeeded');
  else conditions.set('MembersResolved', false, problem?.reason ?? 'Progressing', problem?.message ?? '');
  conditions.readyUnless(problem, 'As declared.');
  return {
    ...present({
      observedGeneration: object.metadata.generation,
      groupId: group?.id,
      members: group?.members.length,
      grants: group?.grants.length,
    }),
    conditions: conditions.list,
  };
}
