/**
 * The plan that people reviewed, as `apply --plan` takes it: what the file shows must be what its hashes stand for, and
 * both must be what is planned now. An approval or a review of something else counts for nothing.
 */
import { z } from 'zod';
import { canonicalJson, planDigest, stepHash } from '#model/digest.ts';
import type { StepAction } from '#model/step.ts';
import type { LossGroup } from '#planning/plan-types.ts';
import { Failure } from '../terminal/failure.ts';
import { type PlanDocument, SCHEMA_VERSION, type StepDocument } from './plan-document.ts';
import { planHash } from './plan-hash.ts';

/** What is read of the file; the rest of it is for people. */
const documentSchema = z.looseObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  hash: z.string(),
  vaultId: z.string(),
  digest: z.string().nullable(),
  steps: z.array(z.looseObject({ hash: z.string(), kind: z.string(), key: z.string() })),
  held: z.array(z.looseObject({ digest: z.string().nullable(), steps: z.array(z.string()) })),
});

/**
 * The plan of a file. Throws Failure `Usage` where the text is none of this version, `StalePlan` where the file was
 * edited: a step, a digest, or the whole of it, is not what its hash says.
 */
export function reviewedPlan(text: string, file: string): PlanDocument {
  const read = documentSchema.safeParse(jsonOf(text));
  if (!read.success) {
    throw new Failure(
      'Usage',
      `${file} is no plan of schemaVersion ${SCHEMA_VERSION}.`,
      'Write one by `seneschal plan FOLDER --out FILE`.',
    );
  }
  const document = read.data as unknown as PlanDocument;
  const wrong = [...wrongSteps(document), ...wrongDigests(document), ...wrongHash(document)][0];
  if (wrong !== undefined) throw stale(`${file} was edited: ${wrong}`);
  return document;
}

/**
 * Hashes of the reviewed steps, which are to run now. Each must still be a step of the present plan, with the same
 * consequence, and the same things must come under management by it. Its hash is over `before`, so what changed in the vault since makes it another step. Throws Failure
 * `StalePlan`.
 */
export function reviewedSteps(
  reviewed: PlanDocument,
  present: PlanDocument,
  lossGroups: readonly LossGroup[],
): ReadonlySet<string> {
  if (reviewed.vaultId !== present.vaultId) {
    throw stale(`The plan is for ${reviewed.vaultId}, not for ${present.vaultId}`);
  }
  const there = new Map(present.steps.map((step) => [step.hash, step]));
  const gone = reviewed.steps.filter(({ hash }) => !there.has(hash));
  const [first] = gone;
  if (first !== undefined) {
    const more = gone.length > 1 ? ` and ${gone.length - 1} more` : '';
    throw stale(`${first.kind} ${first.key}${more}: the vault or the folder is not as the plan found it`);
  }
  const other = reviewed.steps.find((step) => consequenceOf(step) !== consequenceOf(there.get(step.hash)));
  if (other !== undefined) {
    throw stale(
      `${other.kind} ${other.key}: who gains and who loses what by it is not what the plan shows (step ${short(other.hash)})`,
    );
  }
  if (sameText(reviewed.managed ?? null) !== sameText(present.managed)) {
    throw stale('What is managed from here on that was in the vault before is not what the plan shows');
  }
  const hashes = new Set(reviewed.steps.map(({ hash }) => hash));
  const split = lossGroups.find(
    ({ steps }) => steps.some(({ hash }) => hashes.has(hash)) && !steps.every(({ hash }) => hashes.has(hash)),
  );
  if (split !== undefined) {
    throw stale(
      `There are more losses of ${split.class} now than were reviewed; they run all or none (rail 1)`,
    );
  }
  return hashes;
}

/** Steps whose hash is not that of what is shown. */
function wrongSteps({ vaultId, steps }: PlanDocument): string[] {
  return steps.flatMap((step, index) => {
    const { hash, kind, key } = step;
    if (hashOf(vaultId, step) === hash) return [];
    return [`step ${index + 1}, ${kind} ${key}, is not what its hash ${short(hash)} says`];
  });
}

/** Digests that are not those of the steps that they are shown with. */
function wrongDigests({ vaultId, digest, steps, held }: PlanDocument): string[] {
  const byHash = new Map(steps.map((step) => [step.hash, step]));
  const groups = held.map((group) => ({ ...group, shown: group.steps.map((hash) => byHash.get(hash)) }));
  const wrong = groups.flatMap((group, index) => {
    const missing = group.steps.find((hash) => !byHash.has(hash));
    if (missing !== undefined)
      return [`what is held (${index + 1}) names a step ${short(missing)} that is not shown`];
    if (group.digest === null || group.digest === digestOf(vaultId, group.shown)) return [];
    return [`what is held (${index + 1}) is not what its digest ${short(group.digest)} says`];
  });
  const approvable = groups.filter((group) => group.digest !== null).flatMap(({ shown }) => shown);
  const whole = approvable.length === 0 ? null : digestOf(vaultId, approvable);
  if (digest !== whole)
    wrong.push(`its digest ${digest === null ? 'none' : short(digest)} is not that of all that is held`);
  return wrong;
}

/** What no hash of a step can tell: that one was taken out, put in or moved. */
function wrongHash(document: PlanDocument): string[] {
  if (orNull(() => planHash(document)) === document.hash) return [];
  return [`the plan is not what its hash ${short(document.hash)} says; steps may have been taken out of it`];
}

/** Null where what is shown has no hash: it is no text that can be signed. */
function hashOf(vaultId: string, step: StepDocument): string | null {
  return orNull(() => stepHash(vaultId, actionOf(step)));
}

function digestOf(vaultId: string, steps: readonly (StepDocument | undefined)[]): string | null {
  const shown = steps.filter((step) => step !== undefined);
  return orNull(() => planDigest(vaultId, shown.map(actionOf)));
}

function orNull(hash: () => string): string | null {
  try {
    return hash();
  } catch {
    return null;
  }
}

function actionOf({ kind, key, before, after }: StepDocument): StepAction {
  return { kind, key, before, after } as StepAction;
}

/** What is shown of a step beside its decision, as one text. */
function consequenceOf(step: StepDocument | undefined): string {
  return sameText([step?.why, step?.loss, step?.gain, step?.changes]);
}

/** As JSON has it, and in whatever order a tool wrote the file anew. */
function sameText(value: unknown): string {
  return canonicalJson(JSON.parse(JSON.stringify(value)));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function short(hash: string): string {
  return `${hash.slice(0, 12)}…`;
}

function stale(what: string): Failure {
  return new Failure('StalePlan', `${what}; nothing was applied.`, 'Make a new plan and review it.');
}
