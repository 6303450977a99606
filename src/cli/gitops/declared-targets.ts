/** Targets of the bindings of a folder: names of Secrets that several claim, and what of a target cannot be. */
import type { CustomResource, Spec } from '#api/v1alpha1/kinds.ts';
import { claimedNames } from '#shaping/claimed-names.ts';
import { metadataFaults, STEERED } from '#shaping/metadata.ts';
import { declaredSecrets } from '#shaping/selection.ts';
import { faultsOf } from '#shaping/shape.ts';
import { loadTemplates } from '#shaping/template/load.ts';
import type { Located, Source, SourceProblem } from '#source/folder.ts';

export type LocatedBinding = Located & { readonly object: CustomResource<'MachineBinding'> };

export function bindingsOf(source: Source): readonly LocatedBinding[] {
  return source.objects.filter(
    (located): located is LocatedBinding => located.object.kind === 'MachineBinding',
  );
}

/** Each of those that claim one name of a Secret in a namespace names the others: the operator lets none of them write. */
export function claimedTwice(source: Source): SourceProblem[] {
  const claims = new Map<string, LocatedBinding[]>();
  for (const located of bindingsOf(source)) {
    const { metadata, spec } = located.object;
    for (const name of claimedNames(spec)) {
      const key = `${metadata.namespace}/${name}`;
      claims.set(key, [...(claims.get(key) ?? []), located]);
    }
  }
  return [...claims].flatMap(([key, claimants]) =>
    claimants.length < 2 ? [] : claimants.map((claimant) => conflictAt(claimant, key, claimants)),
  );
}

function conflictAt(at: LocatedBinding, key: string, claimants: readonly LocatedBinding[]): SourceProblem {
  const name = key.slice(key.indexOf('/') + 1);
  const others = claimants
    .filter((other) => other !== at)
    .map(({ object, file, line }) => `MachineBinding ${object.metadata.name} in ${file}:${line}`);
  const message = `Conflict: Secret ${name} is claimed by ${others.join(', ')} too`;
  return problemAt(at, fieldOf(at.object.spec, name), message, 'a name for each');
}

function fieldOf({ key, targets = [] }: Spec<'MachineBinding'>, name: string): (string | number)[] {
  const index = targets.findIndex(({ secretName }) => secretName === name);
  if (index >= 0 && key.secretName !== name) return ['spec', 'targets', index, 'secretName'];
  return ['spec', 'key', 'secretName'];
}

/** What no value could mend. What steers other controllers is for whoever runs the operator to allow: a warning. */
export async function targetFaults(
  source: Source,
): Promise<{ readonly problems: readonly SourceProblem[]; readonly warnings: readonly SourceProblem[] }> {
  const problems: SourceProblem[] = [];
  const warnings: SourceProblem[] = [];
  for (const located of bindingsOf(source)) {
    const { spec } = located.object;
    const declared = declaredSecrets(spec);
    for (const [index, target] of (spec.targets ?? []).entries()) {
      const engine = (target.templates ?? []).length === 0 ? undefined : await loadTemplates();
      const at = (message: string) => problemAt(located, ['spec', 'targets', index], message);
      const faults = faultsOf(target, declared, { engine, allowed: STEERED });
      problems.push(...faults.map(({ message }) => at(message)));
      const steering = metadataFaults(target, []).filter(
        ({ message }) => !faults.some((fault) => fault.message === message),
      );
      warnings.push(...steering.map(({ message }) => at(message)));
    }
  }
  return { problems, warnings };
}

function problemAt(
  located: LocatedBinding,
  path: readonly (string | number)[],
  message: string,
  expected = '',
): SourceProblem {
  const { line, column } = located.placeOf(path);
  const [root, ...rest] = path;
  const text = rest.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return { file: located.file, line, column, path: `${root}${text}`, message, expected };
}
