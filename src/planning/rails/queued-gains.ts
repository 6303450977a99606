/**
 * Rail 8 and V4: what a delegation gives in a time. What is beyond it waits for its turn: it is no fault, and the plan
 * says when it goes on.
 *
 * Decides rail 8: which invites of a plan are queued, and until when.
 */
import { GAIN_BUDGETS, type GainClass, raiseBudgetCommand, roomFor, withInviteBound } from '#model/gains.ts';
import type { StepKind } from '#model/step.ts';
import type { Context } from '../context.ts';
import type { Finding } from '../plan-types.ts';
import type { Planned } from '../planned.ts';
import { approveCommand } from '../release-command.ts';
import { sortedBy } from '../sorted.ts';
import { digestOf } from './judged-groups.ts';

const QUEUES = [
  {
    ...{ kinds: ['InviteMember', 'ResendInvite'], class: 'invites' },
    ...{ reason: 'InviteQueued', words: 'people may be invited' },
  },
  { kinds: ['CreateProject'], class: 'projects', reason: 'ProjectQueued', words: 'projects may be made' },
] as const satisfies readonly {
  readonly kinds: readonly StepKind[];
  readonly class: GainClass;
  readonly reason: string;
  readonly words: string;
}[];

export interface Queue {
  readonly items: readonly Planned[];
  /** The invites beyond the bounds, all under one digest: they wait, or leave by an approval of it that was given in the vault. */
  readonly invites: readonly Planned[];
  readonly findings: readonly Finding[];
  /** When more of it may run. */
  readonly wakes: readonly number[];
}

/**
 * Of what would run, what has no room in the budgets of the delegation by now; who goes first is decided by key. `approved`:
 * released by an approval in the vault, which lifts the bounds for the invites under it. `claimed`: released by a PlanApproval,
 * which is over an hour after its first use, and holds what has had no turn by then.
 */
export function queued(
  context: Context,
  running: Iterable<Planned>,
  { approved, claimed }: { readonly approved: ReadonlySet<Planned>; readonly claimed: ReadonlySet<Planned> },
): Queue {
  const items: Planned[] = [];
  const findings: Finding[] = [];
  const wakes: number[] = [];
  let invites: readonly Planned[] = [];
  const all = sortedBy(running, ({ step }) => step.action.key);
  for (const { kinds, class: gainClass, reason, words } of QUEUES) {
    const isInvite = gainClass === 'invites';
    const isOfThese = ({ step }: Planned): boolean => kinds.some((kind) => kind === step.action.kind);
    const asked = all.filter((item) => isOfThese(item) && !(isInvite && approved.has(item)));
    const { gains, machines } = context.observed;
    const budgets = withInviteBound(gains.budgets, context.settings.invites.perHour);
    const bounds = { budgets, given: gains.given, machines: machines.length };
    const { left, freeAt, name } = roomFor(bounds, gainClass, context.now);
    if (left === null || name === null || asked.length <= left) continue;
    const waiting = asked.slice(left);
    const digest = digestOf(waiting);
    if (isInvite) invites = waiting;
    if (isInvite && isApproved(context, digest)) continue;
    // What runs now takes what is left: where nothing was given before, the next runs when that is over.
    const next = freeAt ?? (left === 0 ? null : context.now + GAIN_BUDGETS[name].window);
    if (next !== null) wakes.push(next);
    const when = next === null ? '' : ` The next from ${new Date(next).toISOString()} on.`;
    for (const item of waiting) {
      const { step } = item;
      const goesOn = claimed.has(item)
        ? 'It is held again where its PlanApproval ends before its turn'
        : 'It goes on by itself';
      findings.push({
        subject: step.subject,
        source: step.source,
        reason,
        severity: 'Waiting',
        message: `Waits for its turn: ${left} more ${words} now, ${asked.length} are declared.${when}`,
        next: isInvite
          ? `${goesOn}; an approval in the vault has all of them leave now: ${approveCommand(digest)}`
          : `It goes on by itself; the owner may allow more: ${raiseBudgetCommand('ID', name)}`,
      });
    }
    items.push(...waiting);
  }
  return { items, invites, findings, wakes };
}

/** Given in the vault: what a PlanApproval says is the automation's claim, and its bound is for that. */
function isApproved({ policy, now }: Context, digest: string): boolean {
  return policy.approvals.some(
    (approval) => approval.via === 'Vault' && approval.digest === digest && approval.expiresAt > now,
  );
}
