/** Brings the targets of a binding to the values that the vault has: reads only what moved, writes only what differs. */
import type { RegisteredMachine } from '../../machine-registry.ts';
import type { BindingInput } from '../input.ts';
import type { PartOutcome } from '../part-outcome.ts';
import type { Selected } from './selection.ts';
import { type ChosenTarget, checkTarget } from './target-check.ts';
import { worst } from './target-problems.ts';
import { readValues } from './target-values.ts';
import type { TargetWorld } from './target-world.ts';
import { removeUndeclared } from './undeclared-targets.ts';
import { writeTargets } from './write-targets.ts';

/** A target that holds its values, as status lists it. */
export interface SyncedTarget {
  readonly secretName: string;
  readonly keys: number;
  /** Ids and versions within. */
  readonly selected: readonly Selected[];
}

export interface TargetsOutcome {
  readonly outcome: PartOutcome;
  readonly synced: readonly SyncedTarget[];
  /** Names of the Secrets that were written in this pass. */
  readonly written: readonly string[];
}

/** @throws KubeError and ProviderError; a problem of one target stops no other. */
export async function syncTargets(
  input: BindingInput,
  machine: RegisteredMachine,
  world: TargetWorld,
): Promise<TargetsOutcome> {
  const declared = input.binding.spec.targets ?? [];
  const granted = new Map(machine.secrets.map((secret) => [`${secret.project}/${secret.name}`, secret]));
  const problems: PartOutcome[] = [];
  const fresh: ChosenTarget[] = [];
  const stale: ChosenTarget[] = [];
  for (const target of declared) {
    const check = checkTarget(input, target, granted, world);
    if (check.is === 'blocked') problems.push(check.problem);
    else if (check.is === 'fresh') fresh.push(check.chosen);
    else stale.push(check.chosen);
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
    written: written.map(({ target }) => target.secretName),
  };
}

function synced({ target: { secretName }, selection: { selected } }: ChosenTarget): SyncedTarget {
  return { secretName, keys: selected.length, selected };
}

function summary(targets: number): string {
  if (targets === 0) return 'no targets are declared';
  return targets === 1 ? 'the target holds the current values' : `${targets} targets hold the current values`;
}
