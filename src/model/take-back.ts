/**
 * What a day raised may be taken back (rail 2): a step that puts back exactly what a raise replaced counts toward no
 * budget and waits for nothing. Plan and vault ask the same function.
 *
 * Decides rail 2: which loss only takes a raise back.
 */
import type { Consequence } from './consequence.ts';
import type { Member, RecentRaise } from './organization.ts';
import { sameValue } from './same.ts';
import type { ActionOf, StepAction } from './step.ts';

const DAY = 24 * 60 * 60 * 1000;

/** How long a raise can be taken back, and the window of `TAKE_BACKS`, in milliseconds. */
export const TAKE_BACK_WINDOW = DAY;

/** Raises that may be taken back in one window. */
const TAKE_BACKS = 10;

/** Whether a step of that kind is one whose raise is kept, and which one of its kind may take back. */
export function mayBeTakenBack(action: StepAction): action is ActionOf<RecentRaise['kind']> {
  return Object.hasOwn(KEPT, action.kind);
}

/** By the kinds of `RecentRaise`: one that is missing here is a fault that the compiler finds. */
const KEPT: { readonly [Kind in RecentRaise['kind']]: true } = {
  SetMemberAccess: true,
  UpdateTemplate: true,
  UpdateGroup: true,
};

/**
 * What is kept of a step that ran; null: it raises nobody who is a member. `members` and `consequence` are from before
 * the step. What `reinstate`, an adoption or a take-over gave is none of it: the caller leaves those out.
 */
export function raiseBy(
  members: readonly Pick<Member, 'email' | 'state'>[],
  action: StepAction,
  { changes }: Consequence,
  done: Pick<RecentRaise, 'entry' | 'at'>,
): RecentRaise | null {
  if (!mayBeTakenBack(action)) return null;
  const joined = new Set(members.flatMap(({ email, state }) => (state === 'Invited' ? [] : [email])));
  if (!changes.some(({ who, raised }) => raised.length > 0 && joined.has(who))) return null;
  const gained = changes.flatMap((change) =>
    change.gained.length > 0 ? [{ who: change.who, gained: change.gained }] : [],
  );
  const { kind, key, before, after } = action;
  return { ...done, kind, key, before, after, gained, takenBackAt: null } as RecentRaise;
}

/**
 * The raise that the step only takes back: within a day, to exactly what it replaced, and nobody loses by it what no
 * raise gave them since; null: it is a loss like any other. At most ten in a day.
 */
export function takenBack(
  raises: readonly RecentRaise[],
  action: StepAction,
  { changes }: Consequence,
  now: number,
): RecentRaise | null {
  const since = now - TAKE_BACK_WINDOW;
  const done = raises.filter(({ takenBackAt }) => takenBackAt !== null && takenBackAt > since);
  if (done.length >= TAKE_BACKS) return null;
  const standing = raises.filter(({ takenBackAt, at }) => takenBackAt === null && at > since);
  const undoes = (raise: RecentRaise): boolean =>
    raise.kind === action.kind &&
    raise.key === action.key &&
    sameValue(action.before, raise.after) &&
    sameValue(action.after, raise.before) &&
    changes.every(({ who, lost }) => {
      const given = new Set(givenTo(who, raise, standing));
      return lost.every((cell) => given.has(cell));
    });
  return standing.findLast(undoes) ?? null;
}

/** By the raise itself, or by one of their own since then: who is put on a template that was widened before. */
function givenTo(email: string, raise: RecentRaise, standing: readonly RecentRaise[]): string[] {
  return standing
    .filter((one) => one.entry === raise.entry || (one.key === email && one.at >= raise.at))
    .flatMap(({ gained }) => gained)
    .flatMap(({ who, gained }) => (who === email ? gained : []));
}

/** The raises after one of them was taken back. */
export function withTakenBack(
  raises: readonly RecentRaise[],
  { entry }: RecentRaise,
  now: number,
): readonly RecentRaise[] {
  return raises.map((raise) => (raise.entry === entry ? { ...raise, takenBackAt: now } : raise));
}
