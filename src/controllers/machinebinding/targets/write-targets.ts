/** Writes the targets whose values differ from those that the vault answered; a problem of one stops no other. */
import { isConflict, keyOf } from '#kube/kube.ts';
import type { BindingInput } from '../input.ts';
import { FIELD_MANAGER, isEdited } from '../ownership.ts';
import type { PartOutcome } from '../part-outcome.ts';
import type { ChosenTarget } from './target-check.ts';
import { conflict, notAnswered } from './target-problems.ts';
import { targetSecret, writeTarget } from './target-secret.ts';
import type { TargetValues } from './target-values.ts';
import type { TargetWorld } from './target-world.ts';

/** Secrets of one binding that are written at once. */
const WRITES_AT_ONCE = 8;

/** @throws KubeError, once every target was tried. */
export async function writeTargets(
  input: BindingInput,
  world: TargetWorld,
  targets: readonly ChosenTarget[],
  answered: TargetValues,
): Promise<{ readonly written: readonly ChosenTarget[]; readonly problems: readonly PartOutcome[] }> {
  const written: ChosenTarget[] = [];
  const problems: PartOutcome[] = [];
  const errors: unknown[] = [];
  const queue = [...targets];
  const worker = async (): Promise<void> => {
    for (let chosen = queue.shift(); chosen !== undefined; chosen = queue.shift()) {
      try {
        const problem = await writeOne(input, world, chosen, answered);
        if (problem === undefined) written.push(withVersions(chosen, answered));
        else problems.push(problem);
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(WRITES_AT_ONCE, targets.length) }, worker));
  // The first error decides how it goes on; the other targets are written.
  if (errors.length > 0) throw errors.find((error) => !isConflict(error)) ?? errors[0];
  return { written, problems };
}

/** Writes one target; gives what keeps it from being written. */
async function writeOne(
  input: BindingInput,
  world: TargetWorld,
  { target: { secretName }, selection: { selected }, present }: ChosenTarget,
  { values, refused }: TargetValues,
): Promise<PartOutcome | undefined> {
  const missing = selected
    .filter(({ id }) => !values.has(id))
    .map(({ id, key }) => ({ key, reason: refused.get(id) }));
  if (missing.length > 0) return notAnswered(secretName, missing);
  const secret = targetSecret(secretName, input.identity, values, selected, input.seals);
  const done = await writeTarget(world.kube, secret, present, {
    binding: input.identity,
    seals: input.seals,
    mayMove: input.view.mayMove,
    signal: input.signal,
  });
  if (done === undefined) return conflict(secretName);
  world.cache.wrote({ metadata: done.metadata });
  const keys = selected.map(({ key }) => key);
  if (isEdited(done, FIELD_MANAGER, keys))
    world.verified.set(keyOf(done.metadata), done.metadata.resourceVersion ?? '');
  return undefined;
}

/** With the versions that were really answered. */
function withVersions(chosen: ChosenTarget, { values }: TargetValues): ChosenTarget {
  const selected = chosen.selection.selected.map((each) => ({
    ...each,
    version: values.get(each.id)?.version ?? each.version,
  }));
  return { ...chosen, selection: { ...chosen.selection, selected } };
}
