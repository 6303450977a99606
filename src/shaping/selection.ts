/** Which secrets a target takes, told from the spec alone: of those that the binding declares. Pure. */
import type { Spec } from '#api/v1alpha1/kinds.ts';
import { type Fault, invalidSpec } from './fault.ts';
import { isLike } from './glob.ts';

type BindingSpec = Spec<'MachineBinding'>;
export type TargetSpec = NonNullable<BindingSpec['targets']>[number];
type DataItem = NonNullable<TargetSpec['data']>[number];
export type FromItem = NonNullable<TargetSpec['from']>[number];

export interface SecretName {
  readonly project: string;
  readonly secret: string;
}

/** One secret of a target, and the item of the target that it is taken by. */
export type Taken = SecretName &
  (
    | { readonly by: 'data'; readonly index: number; readonly item: DataItem }
    | { readonly by: 'from'; readonly index: number; readonly item: FromItem }
  );

export interface Selection {
  /** Items of `from` first, in their order and each by name, then those of `data`: what stands last wins. */
  readonly taken: readonly Taken[];
  readonly faults: readonly Fault[];
}

/** `projects[].secrets` of a binding: nothing else is ever in a target (H2). */
export function declaredSecrets({ projects }: Pick<BindingSpec, 'projects'>): readonly SecretName[] {
  return projects.flatMap(({ name, secrets = [] }) => secrets.map((secret) => ({ project: name, secret })));
}

export function select(target: TargetSpec, declared: readonly SecretName[]): Selection {
  const faults: Fault[] = [];
  const many = (target.from ?? []).flatMap((item, index): Taken[] => {
    const { project, names: pattern = '*' } = item;
    const matching = declared
      .filter((each) => each.project === project && isLike(each.secret, pattern))
      .map(({ secret }) => secret)
      .sort();
    if (matching.length === 0) {
      faults.push(
        invalidSpec(
          `from[${index}]: no secret of project ${project} that projects[].secrets lists is like ${pattern}; list it there`,
        ),
      );
    }
    return matching.map((secret) => ({ by: 'from', index, item, project, secret }));
  });
  const single = (target.data ?? []).map((item, index): Taken => {
    const { project, secret } = item;
    return { by: 'data', index, item, project, secret };
  });
  return { taken: [...many, ...single], faults };
}

/** The project and the name of a secret, as maps of values have them. No name has a slash (V7). */
export function nameOf({ project, secret }: SecretName): string {
  return `${project}/${secret}`;
}

/** Secrets that a target takes, each once, by `project/name`. */
export function sourcesOf({ taken }: Selection): readonly (SecretName & { readonly name: string })[] {
  const byName = new Map(
    taken.map(({ project, secret }) => [nameOf({ project, secret }), { project, secret }] as const),
  );
  return [...byName].map(([name, source]) => ({ ...source, name }));
}
