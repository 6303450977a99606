/** Brings the targets of a binding to the values that the vault has: reads only what moved, writes only what differs. */
import type { KeyObject } from 'node:crypto';
import { signText } from '#identity/key-pair.ts';
import { isConflict, type KubeClient, KubeError, type MetadataOnly, SECRETS } from '#kube/kube.ts';
import type { SyncedSecret } from '#provider/provider.ts';
import type { RegisteredMachine } from '../../machine-registry.ts';
import type { BindingInput } from '../input.ts';
import { stagingNameOf } from '../key/key-secrets.ts';
import { annotationOf, labelOf } from '../marks.ts';
import { FIELD_MANAGER, isEdited, isOurs } from '../ownership.ts';
import { type Outcome, stalled, waiting } from '../part-outcome.ts';
import type { SecretCache } from '../secret-cache.ts';
import type { SyncBatcher } from './batcher.ts';
import type { TargetSpec } from './selection.ts';
import { type Selected, type Selection, select, sourceParts } from './selection.ts';
import { conflict, notAnswered, refusalOf, unavailable, worst } from './target-problems.ts';
import { applyTarget, createTarget, targetSecret } from './target-secret.ts';

/** A target that holds its values, as status lists it. */
export interface SyncedTarget {
  readonly secretName: string;
  readonly keys: number;
  /** Ids and versions within. */
  readonly selected: readonly Selected[];
}

export interface TargetsOutcome {
  readonly outcome: Outcome;
  readonly synced: readonly SyncedTarget[];
  /** Names of the Secrets that were written, or deleted, in this pass. */
  readonly written: readonly string[];
  readonly removed: readonly string[];
}

export interface TargetWorld {
  readonly kube: KubeClient;
  readonly cache: SecretCache;
  readonly batcher: SyncBatcher;
  /** Reads the private half from the mounted Secret; undefined where it cannot be used now. */
  readonly privateKey: () => Promise<KeyObject | undefined>;
  readonly hasSecret: (project: string, name: string) => boolean;
  /** What the answers of the vault said of versions: the change feed may be behind them. */
  readonly sawVersions: (versions: readonly { readonly id: string; readonly version: number }[]) => void;
  /** Versions of targets that were applied although somebody still owns a field, by `namespace/name`. */
  readonly verified: Map<string, string>;
}

/** Secrets of one binding that are written at once. */
const WRITES_AT_ONCE = 8;

interface Planned {
  readonly target: TargetSpec;
  readonly selection: Selection;
  /** Undefined: absent. */
  readonly present: MetadataOnly | undefined;
}

/** @throws KubeError and ProviderError; a problem of one target stops no other. */
export async function syncTargets(
  input: BindingInput,
  machine: RegisteredMachine,
  world: TargetWorld,
): Promise<TargetsOutcome> {
  const granted = new Map(machine.secrets.map((secret) => [`${secret.project}/${secret.name}`, secret]));
  const problems: Outcome[] = [];
  const fresh: Planned[] = [];
  const stale: Planned[] = [];
  for (const target of input.binding.spec.targets ?? []) {
    const claim = claimProblem(input, target);
    const found = world.cache.lookup({ namespace: input.identity.namespace, name: target.secretName });
    const present = found.found === 'present' ? found.object : undefined;
    if (claim !== undefined) problems.push(claim);
    else if (present !== undefined && !isTargetOfOurs(input, present))
      problems.push(conflict(target.secretName));
    else {
      const selection = select(target, { granted, exists: world.hasSecret });
      const planned = { target, selection, present };
      if (selection.unavailable.length > 0) problems.push(unavailable(target, selection));
      else if (isFresh(input, planned, world)) fresh.push(planned);
      else stale.push(planned);
    }
  }
  const written: Planned[] = [];
  if (stale.length > 0) problems.push(...(await write(input, machine, world, stale, written)));
  const removed = await removeUndeclared(input, world);
  return {
    outcome: worst(problems) ?? { is: 'done', message: summary(input) },
    synced: [...fresh, ...written]
      .map(({ target, selection: { selected } }) => ({
        secretName: target.secretName,
        keys: selected.length,
        selected,
      }))
      .sort((a, b) => (a.secretName < b.secretName ? -1 : 1)),
    written: written.map(({ target }) => target.secretName),
    removed,
  };
}

async function write(
  input: BindingInput,
  machine: RegisteredMachine,
  world: TargetWorld,
  stale: readonly Planned[],
  written: Planned[],
): Promise<Outcome[]> {
  const privateKey = await world.privateKey();
  if (privateKey === undefined) return [waiting('WaitingForKey', 'there is no key to read values with')];
  const ids = new Set(stale.flatMap(({ selection }) => selection.selected.map(({ id }) => id)));
  const claim = {
    machineId: machine.machineId,
    secrets: [...ids].sort(),
    sign: (payload: string) => signText(privateKey, payload),
  };
  const isFirst = stale.every(({ present }) => present === undefined);
  const answer = await world.batcher.sync(claim, isFirst);
  const refusal = refusalOf(answer);
  if (refusal !== undefined) return [refusal];
  const values = new Map(answer.secrets.map((secret) => [secret.id, secret]));
  const refused = new Map(answer.refused.map(({ id, reason }) => [id, reason]));
  world.sawVersions(answer.secrets);

  const problems: Outcome[] = [];
  const errors: unknown[] = [];
  const queue = [...stale];
  const worker = async (): Promise<void> => {
    for (let planned = queue.shift(); planned !== undefined; planned = queue.shift()) {
      try {
        const problem = await writeOne(input, world, planned, values, refused);
        if (problem === undefined)
          written.push({ ...planned, selection: answered(planned.selection, values) });
        else problems.push(problem);
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(WRITES_AT_ONCE, stale.length) }, worker));
  // The first error decides how it goes on; the other targets are written.
  if (errors.length > 0) throw errors.find((error) => !isConflict(error)) ?? errors[0];
  return problems;
}

/** Writes one target; gives what keeps it from being written. */
async function writeOne(
  input: BindingInput,
  world: TargetWorld,
  { target: { secretName }, selection, present }: Planned,
  values: ReadonlyMap<string, SyncedSecret>,
  refused: ReadonlyMap<string, string>,
): Promise<Outcome | undefined> {
  const { selected } = selection;
  const missing = selected
    .filter(({ id }) => !values.has(id))
    .map(({ id, key }) => ({ key, reason: refused.get(id) }));
  if (missing.length > 0) return notAnswered(secretName, missing);
  const secret = targetSecret(secretName, input.identity, values, selected, input.installation);
  const result =
    present === undefined
      ? await createTarget(world.kube, secret, input.signal)
      : await applyTarget(world.kube, secret, present, input.signal);
  const done = result ?? (await applyOverOurs(input, world, secret));
  if (done === undefined) return conflict(secretName);
  world.cache.wrote({ metadata: done.metadata });
  const keys = selected.map(({ key }) => key);
  if (isEdited(done, FIELD_MANAGER, keys))
    world.verified.set(refText(done), done.metadata.resourceVersion ?? '');
  return undefined;
}

/** With the versions that were really answered. */
function answered(selection: Selection, values: ReadonlyMap<string, SyncedSecret>): Selection {
  const selected = selection.selected.map((each) => ({
    ...each,
    version: values.get(each.id)?.version ?? each.version,
  }));
  return { ...selection, selected };
}

/** The name is taken. By a Secret of ours that the cache has not seen yet, or by a foreign one? */
async function applyOverOurs(
  input: BindingInput,
  world: TargetWorld,
  secret: Parameters<typeof applyTarget>[1],
): Promise<MetadataOnly | undefined> {
  const { namespace, name } = secret.metadata;
  const present = await world.kube.find(SECRETS, { namespace, name }, { signal: input.signal });
  if (present === undefined) {
    throw new KubeError(
      { verb: 'create', resource: 'secrets', namespace, name },
      { code: 409, reason: 'Conflict' },
    );
  }
  return isTargetOfOurs(input, present) ? applyTarget(world.kube, secret, present, input.signal) : undefined;
}

/** Secrets of targets that the spec has no more. Only what carries this binding's label is deleted. */
async function removeUndeclared(input: BindingInput, world: TargetWorld): Promise<string[]> {
  const declared = new Set((input.binding.spec.targets ?? []).map(({ secretName }) => secretName));
  const removed: string[] = [];
  for (const secret of world.cache.ofBinding(input.key)) {
    const { namespace, name, uid } = secret.metadata;
    if (declared.has(name) || !isTargetOfOurs(input, secret)) continue;
    await world.kube.delete(SECRETS, { namespace, name }, { uid, signal: input.signal });
    world.cache.deleted({ namespace, name }, uid);
    removed.push(name);
  }
  return removed;
}

/** Values, versions and keys are those of the seal, and nobody else changed the content: no read is needed. */
function isFresh(input: BindingInput, { selection, present }: Planned, world: TargetWorld): boolean {
  if (present === undefined || labelOf(present, 'binding') !== input.identity.uid) return false;
  const seal = annotationOf(present, 'sourceSeal') ?? '';
  const parts = sourceParts(input.identity.uid, selection.selected);
  if (input.installation.verify(seal, 'target-sources', parts) !== 'valid') return false;
  if (annotationOf(present, 'contentSeal') === undefined) return false;
  const keys = selection.selected.map(({ key }) => key);
  return (
    !isEdited(present, FIELD_MANAGER, keys) ||
    world.verified.get(refText(present)) === present.metadata.resourceVersion
  );
}

function isTargetOfOurs(input: BindingInput, secret: MetadataOnly): boolean {
  return isOurs(secret, ['target'], { binding: input.identity, isLive: input.isLive });
}

/** Names of Secrets are claims: a target must not be the key Secret, its staging Secret, or another target. */
function claimProblem({ binding: { spec } }: BindingInput, target: TargetSpec): Outcome | undefined {
  const { secretName } = target;
  const taken =
    secretName === spec.key.secretName ||
    secretName === stagingNameOf(spec.key.secretName) ||
    spec.targets?.find((other) => other.secretName === secretName) !== target;
  return taken
    ? stalled(
        'InvalidSpec',
        `targets: Secret ${secretName} is named twice in this binding; choose another name`,
      )
    : undefined;
}

function summary({ binding: { spec } }: BindingInput): string {
  const targets = spec.targets?.length ?? 0;
  if (targets === 0) return 'no targets are declared';
  return targets === 1 ? 'the target holds the current values' : `${targets} targets hold the current values`;
}

function refText({ metadata }: MetadataOnly): string {
  return `${metadata.namespace}/${metadata.name}`;
}
