import type { Resource } from '../../resources.ts';
import { Conditions, present, READINESS_AND_BESIDE, type StatusDraft } from './draft.ts';
import type { Observed } from './observed.ts';
import type { Problem } from './problems.ts';

const OWNED = [...READINESS_AND_BESIDE, 'Compiled'];

export function templateStatusOf(
  object: Resource<'PermissionTemplate'>,
  observed: Observed,
  problem: Problem | undefined,
  now: number,
): StatusDraft {
  const name = object.spec.name ?? object.metadata.name;
  const template = observed.templates.get(name);
  const conditions = new Conditions(object, OWNED, now);
  if (problem === undefined && template !== undefined) conditions.set('Compiled', true, 'Succeeded');
  else conditions.set('Compiled', false, problem?.reason ?? 'Progressing', problem?.message ?? '');
  conditions.readyUnless(problem, 'As declared.');
  return {
    ...present({
      observedGeneration: object.metadata.generation,
      templateId: template?.id,
      holders: template === undefined ? undefined : (observed.holders.get(name) ?? 0),
    }),
    conditions: conditions.list,
  };
}
