/** What a target needs, told from the spec, the grants and the metadata of its Secret alone: nothing is read. */
import { keyOf, type MetadataOnly } from '#kube/kube.ts';
import type { BindingInput } from '../input.ts';
import { stagingNameOf } from '../key/key-secrets.ts';
import { annotationOf, placeOf } from '../marks.ts';
import { type Claim, claimOn, FIELD_MANAGER, isEdited } from '../ownership.ts';
import { type PartOutcome, stalled } from '../part-outcome.ts';
import { type Available, type Selection, select, sourceText, type TargetSpec } from './selection.ts';
import { conflict, unavailable } from './target-problems.ts';
import type { TargetWorld } from './target-world.ts';

/** What a target may be written over; `moved` where the move is allowed. */
export type Usable = Exclude<Claim, 'foreign'>;

/** A target with the values that were chosen for it and the Secret that is there. */
export interface ChosenTarget {
  readonly target: TargetSpec;
  readonly selection: Selection;
  /** Undefined: absent. `unproven`: written over only if it holds already what would be written. */
  readonly present: { readonly secret: MetadataOnly; readonly claim: Usable } | undefined;
}

type TargetCheck =
  | { readonly is: 'blocked'; readonly problem: PartOutcome }
  /** It holds its values, and nobody else changed them; or it has to be written. */
  | { readonly is: 'fresh' | 'stale'; readonly chosen: ChosenTarget };

export function checkTarget(
  input: BindingInput,
  target: TargetSpec,
  granted: Available['granted'],
  world: TargetWorld,
): TargetCheck {
  const taken = claimProblem(input, target);
  if (taken !== undefined) return { is: 'blocked', problem: taken };
  const found = world.cache.lookup({ namespace: input.identity.namespace, name: target.secretName });
  const secret = found.found === 'present' ? found.object : undefined;
  const claim = secret && claimOn(secret, 'target', input.identity, input.seals);
  if (claim === 'foreign' || (claim === 'moved' && !input.view.mayMove))
    return { is: 'blocked', problem: conflict(target.secretName) };
  const present = secret && claim && { secret, claim };
  const selection = select(target, { granted, exists: world.hasSecret });
  if (selection.unavailable.length > 0) return { is: 'blocked', problem: unavailable(target, selection) };
  const chosen = { target, selection, present };
  return { is: isFresh(input, chosen, world) ? 'fresh' : 'stale', chosen };
}

/** Names of Secrets are claims: a target must not be the key Secret, its staging Secret, or another target. */
function claimProblem({ binding: { spec } }: BindingInput, target: TargetSpec): PartOutcome | undefined {
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

/** Values, versions and keys are those of the seal, and nobody else changed the content: no read is needed. */
function isFresh(input: BindingInput, { selection, present }: ChosenTarget, world: TargetWorld): boolean {
  if (present?.claim !== 'own') return false;
  const { secret } = present;
  const place = placeOf(input.identity, secret.metadata.name, { role: 'target' });
  const seal = annotationOf(secret, 'sourceSeal');
  if (input.seals.verify(seal, 'target-sources', place, sourceText(selection.selected)) !== 'valid')
    return false;
  if (annotationOf(secret, 'contentSeal') === undefined) return false;
  const keys = selection.selected.map(({ key }) => key);
  return (
    !isEdited(secret, FIELD_MANAGER, keys) ||
    world.verified.get(keyOf(secret.metadata)) === secret.metadata.resourceVersion
  );
}
