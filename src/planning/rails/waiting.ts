/**
 * Rail 1: what loses nothing waits with a pending loss that it would make smaller, or that would then be larger: ahead of it,
 * another thing would run than a plan printed (decision 0019).
 *
 * Decides rail 1: what waits with a loss while that settles.
 */
import type { StepKind } from '#model/step.ts';
import { isSureGain } from '../consequences.ts';
import type { Pending, Step } from '../plan-types.ts';
import type { Planned } from '../planned.ts';

/** Losses of a class that settle; what waits with them is added to their steps. */
export type Waiting = Pending & { readonly steps: Step[] };

/**
 * Of steps without a loss those that run; each other one is added to the loss of `pending` that it waits with: one that
 * narrows a template which it gives or takes, or one that it makes up for.
 */
export function runningBeside(pending: readonly Waiting[], items: readonly Planned[]): readonly Planned[] {
  const losers = losersOf(pending);
  const first = [...losers.values()][0];
  const unsure = first === undefined ? [] : items.filter(isUnsureGain);
  first?.steps.push(...unsure.map(({ step }) => step));
  // After that, so that who is given a template waits with what waits of it.
  const templates = templatesOf(pending);
  return items.filter((item) => {
    if (unsure.includes(item)) return false;
    const touched = templatesTouchedBy(item).flatMap((name) => templates.get(name) ?? []);
    const given = peopleGivenBy(item).flatMap((email) => losers.get(email) ?? []);
    const behind = touched[0] ?? given[0];
    behind?.steps.push(item.step);
    return behind === undefined;
  });
}

/**
 * The templates whose change waits. Who is given such a template in the same plan waits: ahead of it they would get the
 * cells that Git takes, and then count as its losers. So does who is moved off it: a loser fewer, and what a plan
 * printed as held would run.
 */
function templatesOf(pending: readonly Waiting[]): ReadonlyMap<string, Waiting> {
  const templates = new Map<string, Waiting>();
  for (const loss of pending)
    for (const { action } of loss.steps)
      if (action.kind === 'UpdateTemplate') templates.set(action.key, loss);
  return templates;
}

function templatesTouchedBy({ step: { action } }: Planned): string[] {
  const given =
    action.kind === 'InviteMember' || action.kind === 'SetMemberAccess' ? action.after.template : null;
  const held = action.kind === 'SetMemberAccess' ? action.before.template : null;
  return [given, held].filter((name) => name !== null);
}

/**
 * The people who lose something by a pending step on them, on a group or on a template. What makes up for it and runs only
 * after losses of access (design §5) waits: ahead of it, what a plan printed as held would run.
 */
function losersOf(pending: readonly Waiting[]): ReadonlyMap<string, Waiting> {
  const losers = new Map<string, Waiting>();
  for (const loss of pending) {
    for (const { action, consequence } of loss.steps) {
      if (!MAY_BE_MADE_UP_FOR.has(action.kind)) continue;
      for (const { who, lost } of consequence.changes) if (lost.length > 0) losers.set(who, loss);
    }
  }
  return losers;
}

const MAY_BE_MADE_UP_FOR: ReadonlySet<StepKind> = new Set([
  'UpdateTemplate',
  'UpdateGroup',
  'DeleteGroup',
  'SetMemberAccess',
]);

function peopleGivenBy({ step: { action }, listsInvitee }: Planned): readonly string[] {
  if (action.kind === 'SetMemberAccess') return [action.key];
  return action.kind === 'UpdateGroup' && listsInvitee ? action.after.members : [];
}

/**
 * What a group or a template gives by a raise that waits for no approval. The losses were judged without it, because a raise
 * may be held: ahead of them it makes up for some, and what a plan printed as held would run.
 */
function isUnsureGain(item: Planned): boolean {
  const { action, consequence } = item.step;
  return (
    GIVES_TO_MANY.has(action.kind) &&
    consequence.loss === null &&
    !isSureGain({ ...item, listsInvitee: false }, consequence)
  );
}

const GIVES_TO_MANY: ReadonlySet<StepKind> = new Set(['UpdateTemplate', 'CreateGroup', 'UpdateGroup']);
