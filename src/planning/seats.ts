/**
 * I5: pending and suspended members count toward the plan's cap. An invite for which there is no seat follows a
 * removal of the same plan, which then goes before it; where there is none, it is not planned.
 */
import type { Context } from './context.ts';
import type { Draft } from './outcome.ts';
import { sortedBy } from './sorted.ts';
import type { Finding } from './types.ts';

interface Seating {
  readonly drafts: readonly Draft[];
  readonly findings: readonly Finding[];
  /** Removals that free a seat needed in the same plan, each with the invite that takes it. */
  readonly freeing: ReadonlyMap<Draft, Draft>;
}

export function seated(context: Context, drafts: readonly Draft[]): Seating {
  const { caps, name, billingUrl } = context.observed.plan;
  const cap = caps.members;
  if (cap === null) return { drafts, findings: [], freeing: new Map() };
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
  // Members over the cap already take the seats that the first removals free.
  const usable = removals.slice(Math.max(0, used - cap));
  const freeing = new Map<Draft, Draft>();
  waiting.slice(0, usable.length).forEach((invite, index) => {
    const removal = usable[index];
    if (removal !== undefined) freeing.set(removal, invite);
  });
  const unseated = new Set(waiting.slice(usable.length));
  const findings = [...unseated].map(
    ({ subject, source }): Finding => ({
      subject,
      source,
      reason: 'SeatsExhausted',
      severity: 'Waiting',
      message: `No seat for ${subject.key}: the plan ${name} has ${cap}, of which ${used} are taken.`,
      next: `Free a seat, or get more at ${billingUrl}.`,
    }),
  );
  return { drafts: drafts.filter((draft) => !unseated.has(draft)), findings, freeing };
}
