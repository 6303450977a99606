/**
 * Rail 1 for one class of losses: all or none.
 *
 * Decides rail 1: whether the losses of a class run, wait or are held.
 */
import { BUDGET_WINDOW, fits, type HeldLosses, type LossClass, type LossMode } from '#model/loss.ts';
import type { ManagedKind, ManagedRecord } from '#model/record.ts';
import { spanText } from '#model/span-text.ts';
import type { Context } from '../context.ts';
import { exclusiveIn } from '../exclusive.ts';
import type { LossGroup, Pending, Settling } from '../plan-types.ts';
import type { Planned } from '../planned.ts';
import { listed, sortedTexts } from '../sorted.ts';
import type { AbsenceJudge, AbsenceReason } from './absence.ts';
import { type BudgetView, budgetFor } from './budget.ts';
import { heldAnew, holdThatStands } from './holds.ts';
import { digestOf, type Group, groupOf, type Hold } from './judged-groups.ts';
import { settle } from './settling.ts';

/** What the rails say about a class. */
export interface ClassVerdict {
  readonly runs: readonly Planned[];
  readonly lossGroups: readonly LossGroup[];
  readonly pending: Pending | null;
  readonly group: Group | null;
  readonly settling: Settling | null;
  /** What the vault should keep as held of this class; null: nothing. */
  readonly kept: HeldLosses | null;
}

/**
 * `planned` are the losses of the class and, for `access`, the withdrawals that lose nothing (a record, a template
 * that nobody holds): they settle with the losses, because they are the evidence that a late source is judged by.
 */
export function judgeClass(
  context: Context,
  judge: AbsenceJudge,
  lossClass: LossClass,
  planned: readonly Planned[],
): ClassVerdict {
  const { observed, policy, settings, now } = context;
  const { reserved, lossGroups } = reservedLosses(context, lossClass, planned);
  const rest = planned.filter((item) => !reserved.includes(item));
  const nothing = { runs: reserved, lossGroups, pending: null, group: null, settling: null, kept: null };
  if (rest.length === 0) return nothing;

  const hashes = rest.map(({ step }) => step.hash);
  const digest = digestOf(rest);
  const settleMs = policy.settle && lossClass !== 'suspensions' ? settings.settleSeconds * 1000 : 0;
  const settled = settle(policy.settling[lossClass], digest, settleMs, now);
  const kept = holdThatStands(observed.holds, lossClass, hashes);
  // What is held stays held while more of it comes.
  if (settled.state === 'waiting' && kept === null) {
    const steps = rest.map(({ step }) => step);
    const pending = { class: lossClass, steps, dueAt: settled.dueAt };
    return { ...nothing, pending, settling: settled.settling };
  }

  const budget = budgetFor(context, lossClass, planned, rest);
  const hold =
    settled.state === 'restless'
      ? RESTLESS
      : (absenceHold(context, judge, rest) ?? budgetHold(lossClass, settings.losses, budget, kept !== null));
  if (hold !== null) {
    const group = groupOf(lossClass, rest, hold);
    return {
      ...nothing,
      group,
      settling: settled.settling,
      kept: kept ?? heldAnew(lossClass, hold.reason, hashes),
    };
  }
  const steps = rest.filter(({ step }) => step.consequence.loss !== null).map(({ step }) => step);
  const running =
    steps.length === 0 ? [] : [{ class: lossClass, steps, approval: null, reservationId: null }];
  return {
    ...nothing,
    runs: [...reserved, ...rest],
    lossGroups: [...lossGroups, ...running],
    settling: settled.settling,
  };
}

/** Losses that a reservation of an earlier pass still covers: they go on under it. */
function reservedLosses(
  { observed, now }: Context,
  lossClass: LossClass,
  planned: readonly Planned[],
): { readonly reserved: readonly Planned[]; readonly lossGroups: readonly LossGroup[] } {
  const reserved: Planned[] = [];
  const lossGroups: LossGroup[] = [];
  for (const open of observed.reservations) {
    if (open.class !== lossClass || open.expiresAt <= now) continue;
    const under = planned.filter(
      (item) =>
        item.step.consequence.loss !== null &&
        open.stepHashes.includes(item.step.hash) &&
        !reserved.includes(item),
    );
    if (under.length === 0) continue;
    reserved.push(...under);
    const steps = under.map(({ step }) => step);
    lossGroups.push({ class: lossClass, steps, approval: null, reservationId: open.id });
  }
  return { reserved, lossGroups };
}

const RESTLESS: Hold = {
  reason: 'NotSettled',
  rail: 1,
  message: 'What is to be lost kept changing for five minutes.',
  next: 'See why the source does not come to rest.',
  approvable: true,
};

const ABSENCE: Readonly<Record<AbsenceReason, (keys: string) => Hold>> = {
  EmptySource: (keys) => ({
    reason: 'EmptySource',
    rail: 5,
    message: `Nothing is declared any more; that deletes nothing (${keys}).`,
    next: 'Bring the source back.',
    approvable: true,
  }),
  MassAbsence: (keys) => ({
    reason: 'MassAbsence',
    rail: 9,
    message: `More than half of a kind, or all of it, is declared no longer: ${keys}.`,
    next: 'Bring the objects back if that was not meant.',
    approvable: true,
  }),
  NotSeenDeclared: (keys) => ({
    reason: 'NotSeenDeclared',
    rail: 9,
    message: `Never seen declared in this cluster, namespace and CRD: ${keys}.`,
    next: 'Apply the objects here, so that they are seen.',
    approvable: true,
  }),
  OriginGone: (keys) => ({
    reason: 'OriginGone',
    rail: 9,
    message: `The namespace that declared them is gone, or no entry of spec.access lists it: ${keys}.`,
    next: 'Bring the namespace back, or its entry.',
    approvable: true,
  }),
};

function absenceHold(context: Context, judge: AbsenceJudge, planned: readonly Planned[]): Hold | null {
  const keys = new Map<AbsenceReason, string[]>();
  const foreign = planned.filter(({ takesForeign }) => takesForeign);
  for (const kind of new Set(foreign.map(({ step }) => step.subject.kind))) {
    const reason = judge.reasonOfForeign(kind);
    if (reason === null) continue;
    const own = foreign.filter(({ step }) => step.subject.kind === kind).map(({ step }) => step.subject.key);
    if (reason !== 'EmptySource') return foreignHold(context, listed(sortedTexts(own)), kind);
    keys.set(reason, [...(keys.get(reason) ?? []), ...own]);
  }
  for (const { step, absent } of planned) {
    for (const record of absent) {
      const reason = judge.reasonOf(record);
      // A machine that its absence disabled was judged then: nothing more is lost by its revocation.
      const judged = step.action.kind === 'RevokeMachine' && !wasCutByPerson(context, record);
      if (reason === 'MassAbsence' && judged) continue;
      if (reason !== null) keys.set(reason, [...(keys.get(reason) ?? []), record.key]);
    }
  }
  for (const reason of ['EmptySource', 'OriginGone', 'NotSeenDeclared', 'MassAbsence'] as const) {
    const found = keys.get(reason);
    if (found !== undefined) return ABSENCE[reason](listed(sortedTexts(found)));
  }
  return null;
}

/** Rail 11: at first, and where more goes than stays. */
function foreignHold(context: Context, keys: string, kind: ManagedKind): Hold {
  const isNew = exclusiveIn(context, kind) === 'Waits';
  return {
    reason: 'MassAbsence',
    rail: 11,
    message: isNew
      ? `Was never declared, and goes where spec.authority is Exclusive: ${keys}.`
      : `More of a kind was never declared than is declared: ${keys}.`,
    next: isNew
      ? 'Declare what stays. The authority itself waits for an approval, and what there is now for one of its own.'
      : 'Declare what stays.',
    approvable: true,
  };
}

function wasCutByPerson(context: Context, { kind, key }: ManagedRecord): boolean {
  return context.tombstones(kind, key).length > 0;
}

const WORDS: Readonly<Record<LossClass, string>> = {
  people: 'People removed or demoted',
  suspensions: 'People suspended',
  invites: 'Invites taken back or narrowed before anybody accepted',
  access: 'Grants, scopes and template cells taken',
  machines: 'Machines disabled, revoked or narrowed',
  projects: 'Secrets destroyed with their project',
};

function budgetHold(
  lossClass: LossClass,
  mode: LossMode,
  view: BudgetView,
  heldBefore: boolean,
): Hold | null {
  const within = fits(view.budget, view);
  if (within && !heldBefore) return null;
  return {
    reason: 'LossBudget',
    rail: 1,
    message: within
      ? `Held before; only an approval or Git releases it. ${WORDS[lossClass]}: ${view.more}.`
      : `${WORDS[lossClass]}: ${view.more}; ${allowed(lossClass, mode, view)}.`,
    next: 'Take it back in Git if it was not meant.',
    approvable: true,
  };
}

function allowed(lossClass: LossClass, mode: LossMode, { budget, used }: BudgetView): string {
  if (mode === 'Hold' && lossClass !== 'suspensions') return 'rails.losses is Hold, so each loss waits';
  return `${spanText(BUDGET_WINDOW)} may lose ${budget}${used > 0 ? `, ${used} of them used` : ''}`;
}
