import type { Resource } from '../../resources.ts';
import { Conditions, present, READINESS_AND_BESIDE, type StatusDraft } from './draft.ts';
import type { Observed } from './observed.ts';
import type { Problem } from './problems.ts';

const OWNED = [...READINESS_AND_BESIDE, 'Provisioned'];

/** A declared secret without a generator that nobody has set yet: the project waits for a person to set it. */
export function projectStatusOf(
  object: Resource<'Project'>,
  observed: Observed,
  problem: Problem | undefined,
  now: number,
): StatusDraft {
  const name = object.spec.name ?? object.metadata.name;
  const project = observed.projects.get(name);
  const there = observed.secrets.get(name) ?? new Set();
  const missing = (object.spec.secrets ?? []).map((secret) => secret.name).filter((one) => !there.has(one));
  const conditions = new Conditions(object, OWNED, now);
  if (project === undefined)
    conditions.set('Provisioned', false, problem?.reason ?? 'Progressing', problem?.message ?? '');
  else if (missing.length > 0)
    conditions.set(
      'Provisioned',
      false,
      problem?.reason ?? 'SecretMissing',
      problem?.message ?? `Not in the vault yet: ${missing.slice(0, 10).join(', ')}.`,
    );
  else conditions.set('Provisioned', true, 'Succeeded');
  conditions.readyUnless(problem, 'As declared.');
  return {
    ...present({
      observedGeneration: object.metadata.generation,
      projectId: project?.id,
      secrets: project === undefined ? undefined : there.size,
    }),
    conditions: conditions.list,
  };
}
