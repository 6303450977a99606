/**
 * I5: pending and suspended members count toward the plan's cap. An invite for which there is no seat follows a
 * removal of the same plan, which then goes before it; where there is none, it is not planned.
 *
 * Decides I5: which invites of a plan have a seat.
 */
import type { Context } from './context.ts';
import type { Draft } from './contribution.ts';
import type { Finding } from './plan-types.ts';
import { sortedBy } from './sorted.ts';

interface Seating {
  readonly drafts: readonly Draft[];
  readonly findings: readonly Finding[];
  /** Removals that go before the invites. */
  readonly early: ReadonlySet<Draft>;
  /** Invites that wait for a seat, each with the removals without which it has none. */
  readonly freedBy: ReadonlyMap<Draft, readonly Draft[]>;
}

export function seated(context: Context, drafts: readonly Draft[]): Seating {
  const { caps, name, billingUrl } = context.observed.plan;
  const cap = caps.members;
  if (cap === null) return { drafts, findings: [], early: new Set(), freedBy: new Map() };
  const used = context.observed.members.length;
  const invites = sortedBy(
    drafts.filter(({ action }) => action.kind === 'InviteMember'),
    ({ action }) => action.key,
  );
  const removals = sortedBy(
    drafts.filter(({ action }) => action.kind === 'RemoveMember' || action.kind === 'CancelInvite'),
    ({ action }) => action.key,
  );
  const waiting = invites.slice(Math.max(0, cap - used));
  // An organization over its cap frees no seat until it is below it.
  const over = Math.max(0, used - cap);
  const usable = removals.slice(over);
  const freedBy = new Map<Draft, readonly Draft[]>();
  for (const [index, removal] of usable.entries()) {
    const invite = waiting[index];
    if (invite !== undefined) freedBy.set(invite, [...removals.slice(0, over), removal]);
  }
  const early = new Set(freedBy.size === 0 ? [] : removals.slice(0, over + freedBy.size));
  const unseated = new Set(waiting.slice(usable.length));
  const findings = [...unseated].map(
    ({ subject, source }): Finding => ({
      subject,
      source,
      reason: 'SeatsExhausted',
      severity: 'Waiting',
      message: `No seat for ${subject.key}: the plan ${name} has ${cap}, of which ${used} are taken.`,
      next:
        billingUrl === ''
          ? 'Free a seat, or move to a larger plan.'
          : `Free a seat, or get more: ${billingUrl}`,
    }),
  );
  return { drafts: drafts.filter((draft) => !unseated.has(draft)), findings, early, freedBy };
}
