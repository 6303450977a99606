/**
 * Statuses of objects of another namespace that do not count: whoever may create one there learns nothing by it of what
 * the vault has under its name. It is told of an object that counts, where the thing came from that namespace.
 *
 * Decides rail 2: what is told to an object of another namespace.
 */
import type { Kind } from '#api/v1alpha1/kinds.ts';
import type { ManagedRecord } from '#model/record.ts';
import { isGrantsOnly } from '#planning/applied.ts';
import { madeOnce } from '#planning/made-once.ts';
import type { Desired, Source } from '#planning/plan-types.ts';
import type { Resource } from '../../resources.ts';
import { Conditions, present, READINESS_AND_BESIDE, type StatusDraft } from './draft.ts';
import { objectKey, type Problem } from './problems.ts';

/** An object that has one of them does not count. */
const REFUSALS: ReadonlySet<string> = new Set(['NamespaceNotListed', 'NotAllowed', 'NotAdopted', 'Conflict']);

/** Of an object that is no declaration, and of which nothing is said: it is being deleted. */
const UNSAID: Problem = {
  readiness: 'reconciling',
  reason: 'Progressing',
  message: 'It declares nothing now.',
  beside: [],
};

export class ObjectsFromOutside {
  readonly #own: string;
  /** `Kind/key` of what an object declares, by `Kind namespace/name`. */
  readonly #declared: () => ReadonlyMap<string, string>;
  /** Where what is managed from here came from, by `Kind/key`. */
  readonly #origins: () => ReadonlyMap<string, string>;

  constructor(desired: Desired, records: readonly ManagedRecord[]) {
    this.#own = desired.organization.source.namespace;
    this.#declared = madeOnce(() => declaredBy(desired));
    this.#origins = madeOnce(() => {
      const ours = records.filter((record) => record.manager === desired.manager && !isGrantsOnly(record));
      return new Map(ours.map(({ kind, key, origin }) => [`${kind}/${key}`, origin]));
    });
  }

  /** What is said of it, and nothing else; null: its status is as of any other object. */
  refusalOf(kind: Kind, object: Resource, problem: Problem | undefined): Problem | null {
    const { namespace } = object.metadata;
    if (namespace === this.#own) return null;
    const key = this.#declared().get(objectKey(kind, object.metadata));
    if (problem === undefined) return key === undefined ? UNSAID : null;
    const isFromThere = key !== undefined && this.#origins().get(key) === namespace;
    if (isFromThere && !REFUSALS.has(problem.reason)) return null;
    return problem.reason === 'NotAdopted' ? takesNothingOver(problem, namespace) : problem;
  }
}

/** Whose consent it would take, and what differs, is for those who see the plan. */
function takesNothingOver(problem: Problem, namespace: string | undefined): Problem {
  const message = `Namespace ${namespace} does not decide over what this names. Take it out here, or ask whoever reviews the plan of the Organization.`;
  return { ...problem, reason: 'NotAllowed', message };
}

function declaredBy({
  members,
  groups,
  templates,
  projects,
  machines,
}: Desired): ReadonlyMap<string, string> {
  const declared = new Map<string, string>();
  const add = (source: Source, key: string) =>
    declared.set(objectKey(source.kind, source), `${source.kind}/${key}`);
  for (const { source, email } of members) add(source, email);
  for (const { source, name } of [...groups, ...templates, ...projects]) add(source, name);
  for (const { source, machineName } of machines) add(source, machineName);
  return declared;
}

/** `conditions`: those of the kind, which are all False; of a binding they are all that this pass writes. */
export function refusedStatusOf(
  object: Resource,
  conditions: readonly string[],
  problem: Problem,
  now: number,
): StatusDraft {
  const isBinding = conditions.includes('Registered');
  const draft = new Conditions(
    object,
    isBinding ? conditions : [...READINESS_AND_BESIDE, ...conditions],
    now,
  );
  for (const type of conditions) draft.set(type, false, problem.reason, problem.message);
  if (isBinding) return { conditions: draft.list };
  draft.readyUnless(problem, '');
  return { ...present({ observedGeneration: object.metadata.generation }), conditions: draft.list };
}
