/**
 * Rail 7 for projects and secrets: what a person deleted comes back from the trash once Git names the entry, and a
 * generator makes a value for a name that the vault never had, or where Git asks for a new one.
 *
 * Decides rail 7: which step gives back what a person deleted, and when a value is made.
 */
import type { Tombstone } from '#model/record.ts';
import { isAnsweredBy } from '#model/revocations.ts';
import type { ActionOf } from '#model/step.ts';
import type { DesiredProject, DesiredSecret } from './plan-types.ts';
import { sortedTexts } from './sorted.ts';

export interface SecretStep {
  readonly action: ActionOf<'CreateSecret' | 'RestoreSecret'>;
  readonly why: string;
  /** The entry that it answers; null: nobody deleted it. */
  readonly reinstate: string | null;
}

/**
 * The step by which a secret that is not there comes to be; null: a person brings its value, or answers the cut first.
 * `cut`: that of a person which stands over its name.
 */
export function secretStep(
  key: string,
  { generator, reinstate, reinstateAs }: DesiredSecret,
  cut: Tombstone | undefined,
): SecretStep | null {
  const created = (why: string, entry: string | null): SecretStep | null =>
    generator === null
      ? null
      : {
          action: { kind: 'CreateSecret', key, before: null, after: { generator } },
          why: `${why}: new value`,
          reinstate: entry,
        };
  if (cut === undefined) return created('not in the vault', null);
  if (!isAnsweredBy(cut, reinstate)) return null;
  const isNew = reinstateAs === 'NewValue';
  if (cut.trashed === undefined) return isNew ? created('in the trash no longer', cut.entry) : null;
  if (isNew && generator === null) return null;
  const newValue = isNew ? generator : null;
  return {
    action: { kind: 'RestoreSecret', key, before: null, after: { id: cut.trashed, newValue } },
    why: newValue === null ? 'in the trash: its own value' : 'in the trash: new value under its id',
    reinstate: cut.entry,
  };
}

/** The step that gives back a project whose cut was answered: with its secrets, or a new one where the trash has it no longer. */
export function givenBack(
  { name, description }: DesiredProject,
  cut: Tombstone,
  tombstones: readonly Tombstone[],
): { readonly action: ActionOf<'CreateProject' | 'RestoreProject'>; readonly why: string } {
  const { trashed } = cut;
  if (trashed === undefined) {
    const action = { kind: 'CreateProject', key: name, before: null, after: { description } } as const;
    return { action, why: 'in the trash no longer: a new project' };
  }
  const after = { id: trashed, description, secrets: comesBackWith(cut, tombstones) };
  const count = after.secrets.length;
  return {
    action: { kind: 'RestoreProject', key: name, before: null, after },
    why: `in the trash, with ${count} ${count === 1 ? 'secret' : 'secrets'} and their values`,
  };
}

/** Names of the secrets that come back with their project, sorted. */
export function comesBackWith(cut: Tombstone, tombstones: readonly Tombstone[]): string[] {
  if (cut.trashed === undefined) return [];
  return sortedTexts(
    tombstones.flatMap(({ act, entry, item, trashed }) =>
      act === 'SecretDeleted' && entry === cut.entry && trashed !== undefined && item !== null ? [item] : [],
    ),
  );
}
