/** Brings the targets of a binding to the values that the vault has: reads only what moved, writes only what differs. */
import type { RegisteredMachine } from '../../machine-registry.ts';
import type { BindingInput } from '../input.ts';
import { keySecretNames } from '../key/key-secrets.ts';
import { FIELD_MANAGER, ownKeys } from '../ownership.ts';
import type { PartOutcome } from '../part-outcome.ts';
import { templatesAgainAfter } from './declared-target.ts';
import type { Source } from './sources.ts';
import { type ChosenTarget, checkTarget } from './target-check.ts';
import { nameConflict, worst } from './target-problems.ts';
import { readValues } from './target-values.ts';
import type { TargetWorld } from './target-world.ts';
import { removeUndeclared } from './undeclared-targets.ts';
import { writeTargets } from './write-targets.ts';

/** A target that holds its values, as status lists it. */
export interface SyncedTarget {
  readonly secretName: string;
  /** The Secret of its content, where the target is immutable. */
  readonly current: string | null;
  readonly keys: number;
  /** Ids and versions within. */
  readonly sources: readonly Source[];
}

export interface TargetsOutcome {
  readonly outcome: PartOutcome;
  readonly synced: readonly SyncedTarget[];
  /** Names of the Secrets that were written in this pass. */
  readonly written: readonly string[];
  /** When to look again though nothing tells of a change, in milliseconds; null: never. */
  readonly againAfterMs: number | null;
}

/** @throws KubeError and ProviderError; a problem of one target stops no other. */
export async function syncTargets(
  input: BindingInput,
  machine: RegisteredMachine,
  world: TargetWorld,
): Promise<TargetsOutcome> {
  const declared = input.binding.spec.targets ?? [];
  const granted = new Map(machine.secrets.map((secret) => [`${secret.project}/${secret.name}`, secret]));
  const problems: PartOutcome[] = [...keyNameProblems(input, world)];
  const fresh: ChosenTarget[] = [];
  const stale: ChosenTarget[] = [];
  for (const target of declared) {
    const check = await checkTarget(input, target, granted, world);
    if (check.is === 'blocked') problems.push(check.problem);
    else {
      (check.is === 'fresh' ? fresh : stale).push(check.chosen);
      if (check.lacks !== undefined) problems.push(check.lacks);
    }
  }

  const written: ChosenTarget[] = [];
  if (stale.length > 0) {
    const read = await readValues(machine, world, stale);
    if (read.problem !== undefined) problems.push(read.problem);
    else {
      const result = await writeTargets(input, world, stale, read.answered);
      written.push(...result.written);
      problems.push(...result.problems);
    }
  }
  await removeUndeclared(input, world);
  return {
    outcome: worst(problems) ?? { is: 'done', message: summary(declared.length) },
    synced: [...fresh, ...written].map(synced).sort((a, b) => (a.secretName < b.secretName ? -1 : 1)),
    written: written.map(({ declared: { target } }) => target.secretName),
    againAfterMs: soonest([
      templatesAgainAfter(declared),
      ...problems.map((problem) => (problem.is === 'stalled' ? (problem.againAfterMs ?? null) : null)),
    ]),
  };
}

function synced({ declared: { target }, sources, present }: ChosenTarget): SyncedTarget {
  const { secretName, immutable } = target;
  const secret = present?.secret;
  const current = immutable === true && secret !== undefined ? secret.metadata.name : null;
  return {
    secretName,
    current,
    keys: secret === undefined ? 0 : ownKeys(secret, FIELD_MANAGER).length,
    sources,
  };
}

/** Of a key that is mounted already: it goes on, and what claims its Secret is told of. */
function keyNameProblems(
  { binding: { spec }, identity }: BindingInput,
  { rivals }: TargetWorld,
): PartOutcome[] {
  return keySecretNames(spec.key.secretName).flatMap((name) => {
    const others = rivals(name);
    return others.length === 0 ? [] : [nameConflict(identity.namespace, name, others)];
  });
}

function soonest(moments: readonly (number | null)[]): number | null {
  const some = moments.filter((moment) => moment !== null);
  return some.length === 0 ? null : Math.min(...some);
}

function summary(targets: number): string {
  if (targets === 0) return 'no targets are declared';
  return targets === 1 ? 'the target holds the current values' : `${targets} targets hold the current values`;
}
