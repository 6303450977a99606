/**
 * What of a step waits for an approval (rail 2): whom it raises by effective access, and what is one by its circumstances.
 *
 * Decides rail 2: which steps are a raise.
 */
import { isExclusive } from './authority.ts';
import type { Consequence } from './consequence.ts';
import type { RailSettings } from './fields.ts';
import type { ManagedKind } from './record.ts';
import type { StepAction } from './step.ts';

export interface Raise {
  /** E-mail, or name of a machine, template or project. */
  readonly who: string;
  /** `Admin`, `Machines: Manage`, `given back after a person took it away`. */
  readonly what: string;
}

/** What of a step is not in its action. */
export interface StepCircumstances {
  /** Names the entry of a cut that stands (rail 7). */
  readonly reinstates: boolean;
  /** The record says another origin than the declaration. */
  readonly takenOver: boolean;
  /** The step puts the record under that other origin: whoever declares there decides from here on. */
  readonly moves: boolean;
  /** Declared in another namespace than the Organization, as the records say it. */
  readonly fromOutside: boolean;
}

/** Empty: the step is no raise. The same for plan and vault. */
export function raisesOf(
  action: StepAction,
  { gain, changes }: Consequence,
  { reinstates, takenOver, moves }: Omit<StepCircumstances, 'fromOutside'>,
): Raise[] {
  const raises = changes.flatMap(({ who, raised }) => raised.map((what) => ({ who, what })));
  if (reinstates) raises.push({ who: action.key, what: 'given back after a person took it away' });
  if (takesOverMore({ gain }, { takenOver, moves }))
    raises.push({ who: action.key, what: 'managed from another namespace so far' });
  return raises;
}

/** Whether the rails say that raises by steps about things of the kind wait for an approval. */
export function waitsForApproval(
  { privilegeApproval, authority }: Pick<RailSettings, 'privilegeApproval' | 'authority'>,
  kind: ManagedKind,
): boolean {
  if (privilegeApproval === 'Exclusive') return isExclusive(authority, kind);
  return privilegeApproval === 'Always';
}

/** Whether a raise waits for an approval; one from another namespace does whatever the rails say (`byRails`). */
export function raiseWaits(
  byRails: boolean,
  { gain }: Consequence,
  { takenOver, moves, fromOutside }: Omit<StepCircumstances, 'reinstates'>,
): boolean {
  return byRails || fromOutside || takesOverMore({ gain }, { takenOver, moves });
}

/**
 * Whether a step takes over by a gain, or by the record: moved without a gain, the next step would gain and be no take-over any
 * more. What keeps the record where it is and only takes (a suspension) is none.
 */
export function takesOverMore(
  { gain }: Pick<Consequence, 'gain'>,
  { takenOver, moves }: Pick<StepCircumstances, 'takenOver' | 'moves'>,
): boolean {
  return takenOver && (gain || moves);
}

/** `alice@acme.example (Admin, Trash: Purge), bob@acme.example (Admin)`; bounded, because a template has many holders. */
export function raisesText(raises: readonly Raise[]): string {
  const byWho = new Map<string, string[]>();
  for (const { who, what } of raises) byWho.set(who, [...(byWho.get(who) ?? []), what]);
  const people = [...byWho].map(([who, what]) => `${who} (${what.join(', ')})`);
  const rest = people.length - SHOWN;
  return [...people.slice(0, SHOWN), ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
}

const SHOWN = 5;
