/** Shapes and writes the targets whose values moved; a problem of one stops no other. */
import { isConflict, KubeError, keyOf, type MetadataOnly } from '#kube/kube.ts';
import type { SecretValue } from '#model/secret-value.ts';
import { shape } from '#shaping/shape.ts';
import type { BindingInput } from '../input.ts';
import { FIELD_MANAGER, isEdited, otherOwners, ownKeys } from '../ownership.ts';
import type { PartOutcome } from '../part-outcome.ts';
import { unshaped } from './declared-target.ts';
import { pruneGenerations } from './generations.ts';
import { keptValues } from './kept-values.ts';
import { writeMerged } from './merged-secret.ts';
import { type TargetOwner, writeOwned } from './owned-secret.ts';
import { type Source, sealedSources } from './sources.ts';
import type { ChosenTarget } from './target-check.ts';
import { conflict, isOfType, notAnswered, refusedByServer, unavailable } from './target-problems.ts';
import { targetSecret } from './target-secret.ts';
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
        const result = await writeOne(input, world, chosen, answered);
        if ('problem' in result) problems.push(result.problem);
        else written.push(result.written);
      } catch (error) {
        const { target } = chosen.declared;
        const refused = error instanceof KubeError ? refusedByServer(target, error) : null;
        if (refused === null) errors.push(error);
        else problems.push(refused);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(WRITES_AT_ONCE, targets.length) }, worker));
  // The first error decides how it goes on; the other targets are written.
  if (errors.length > 0) throw errors.find((error) => !isConflict(error)) ?? errors[0];
  return { written, problems };
}

type Written = { readonly written: ChosenTarget } | { readonly problem: PartOutcome };

/** Writes one target; gives it as it was written, or what keeps it from being so. */
async function writeOne(
  input: BindingInput,
  world: TargetWorld,
  chosen: ChosenTarget,
  answered: TargetValues,
): Promise<Written> {
  const { declared, present } = chosen;
  const { target } = declared;
  const missing = chosen.sources.filter(({ id }) => !answered.values.has(id));
  if (missing.length > 0) {
    const told = missing.map(({ id, name }) => ({ name, reason: answered.refused.get(id) }));
    return { problem: notAnswered(target.secretName, told) };
  }
  const { sources, values } = withValues(chosen.sources, answered);
  const all = sealedSources(sources, chosen.kept);
  const kept = await keptValues(world.kube, input, chosen);
  if (kept === undefined) return { problem: unavailable(target, chosen.kept, true) };
  const shaped = shape(declared, values, kept);
  if (!shaped.ok) return { problem: unshaped(target, shaped.fault) };
  if (target.creationPolicy === 'Merge') {
    const result = await writeMerged(world.kube, input, declared, all, shaped.data);
    if ('problem' in result) return result;
    return { written: noted(world, { ...chosen, sources }, result.done) };
  }
  const secret = targetSecret(declared, all, shaped.data, input.identity, input.seals);
  const owner = {
    binding: input.identity,
    seals: input.seals,
    mayMove: input.view.mayMove,
    signal: input.signal,
  };
  // Of an immutable target `present` may be the Secret of an older content, which stays as it is.
  const over = present?.secret.metadata.name === secret.metadata.name ? present : undefined;
  const done = await writeOrMakeAnew(world, secret, over, owner);
  if (done === undefined)
    return { problem: conflict(secret.metadata.name, present?.secret, input.identity.name) };
  const result = noted(world, { ...chosen, sources }, done);
  await pruneGenerations(input, world, target.secretName, done.metadata.name);
  return { written: result };
}

/** The type of a Secret cannot change: one that is ours goes, and comes again with the other one. */
async function writeOrMakeAnew(
  world: TargetWorld,
  secret: ReturnType<typeof targetSecret>,
  present: ChosenTarget['present'],
  owner: TargetOwner,
): Promise<MetadataOnly | undefined> {
  try {
    return await writeOwned(world.kube, secret, present, owner);
  } catch (error) {
    if (!(error instanceof KubeError) || !isOfType(error) || present === undefined) throw error;
    const deletion = await world.deletions.delete(owner.binding, present.secret);
    if (deletion !== 'gone') throw error;
    return writeOwned(world.kube, secret, undefined, owner);
  }
}

/** The values by name, and the versions that were really answered. */
function withValues(
  sources: readonly Source[],
  { values }: TargetValues,
): { readonly sources: readonly Source[]; readonly values: ReadonlyMap<string, SecretValue> } {
  const byName = new Map<string, SecretValue>();
  const answered = sources.map((source) => {
    const synced = values.get(source.id);
    if (synced === undefined) throw new Error('a selected value was not answered');
    byName.set(source.name, synced.value);
    return { ...source, version: synced.version };
  });
  return { sources: answered, values: byName };
}

function noted(world: TargetWorld, chosen: ChosenTarget, done: MetadataOnly): ChosenTarget {
  const secret = { metadata: done.metadata };
  world.cache.wrote(secret);
  const keys = ownKeys(secret, FIELD_MANAGER);
  const isShared =
    chosen.declared.target.creationPolicy === 'Merge'
      ? keys.some((key) => otherOwners(secret, FIELD_MANAGER, key).length > 0)
      : isEdited(secret, FIELD_MANAGER, keys);
  if (isShared) world.verified.set(keyOf(done.metadata), done.metadata.resourceVersion ?? '');
  return { ...chosen, present: { secret, claim: 'own' } };
}
