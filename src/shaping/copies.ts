/** Under which keys of a target the value of each secret lies, told from the spec. Pure. */
import { keyFrom } from './keys.ts';
import { nameOf, type SecretName, select, type TargetSpec } from './selection.ts';

export interface Copy {
  /** `project/name`. */
  readonly name: string;
  /** Where only the values tell keys, a pattern of them: `DB_*`. */
  readonly key: string;
}

/** A template may hold any value of its target, so that each value counts as one within. */
export function copiesIn(target: TargetSpec, declared: readonly SecretName[]): readonly Copy[] {
  const inTemplates = (target.templates ?? []).map(({ key }) => key);
  return select(target, declared).taken.flatMap((taken) => {
    const keys = taken.item.templateOnly === true ? [] : [keyOf(taken)];
    return [...keys, ...inTemplates].map((key) => ({ name: nameOf(taken), key }));
  });
}

function keyOf(taken: ReturnType<typeof select>['taken'][number]): string {
  if (taken.by === 'data') return taken.item.key ?? taken.secret;
  return taken.item.fields === true ? `${taken.item.prefix ?? ''}*` : keyFrom(taken.secret, taken.item);
}
