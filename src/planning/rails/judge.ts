/**
 * The rails over a whole plan: what runs, what waits, what is held, and by which digest it is released.
 *
 * Decides rail 6: that a partial view loses nothing.
 */
import { addsApprovingMember, changesApprovingMembers, loosened } from '#model/loosened.ts';
import { type HeldLosses, LOSS_CLASSES, type LossClass } from '#model/loss.ts';
import type { Context } from '../context.ts';
import type { Draft } from '../contribution.ts';
import type { Approval, Held, LossGroup, OrganizationPlan, Settling, Step } from '../plan-types.ts';
import type { Planned } from '../planned.ts';
import { sortedBy } from '../sorted.ts';
import { absenceJudge } from './absence.ts';
import { addedKeysHold, keysToApprove } from './added-keys.ts';
import { mayRelease, releasedByClaim, strongest } from './claimed.ts';
import { floorReasons } from './floor.ts';
import { isHeldRaise, raiseHold } from './held-raises.ts';
import { holdThatStands } from './holds.ts';
import { digestOf, type Group, groupOf, type Hold, heldOf, reservedAsOne } from './judged-groups.ts';
import { judgeClass } from './losses.ts';
import { type Queue, queued } from './queued-gains.ts';
import { stoppedAmong } from './stop.ts';
import { runningBeside, type Waiting } from './waiting.ts';

type Verdict = Pick<
  OrganizationPlan,
  'runnable' | 'lossGroups' | 'pending' | 'held' | 'holds' | 'settling' | 'digest' | 'queuedInvites'
> &
  Pick<Queue, 'findings' | 'wakes'>;

/** `planned` in order. */
export function judged(context: Context, planned: readonly Planned[]): Verdict {
  const classOf = classesOf(context, planned);
  const alone = heldAlone(context, planned, classOf);
  const { running, lossGroups, pending, settling, kept, groups } = judgedByClass(
    context,
    alone.free,
    classOf,
  );
  const lossless = alone.free.filter((item) => classOf(item) === null);
  for (const item of runningBeside(pending, lossless)) running.add(item);

  const released = releasedByApproval(context, [...alone.groups, ...groups]);
  for (const item of released.running) running.add(item);
  lossGroups.push(...reservedAsOne(released.lossGroups, planned));
  const { held, digest } = released;

  // What cannot be seen whole cannot have been taken back (rail 6).
  const sees = context.desired.complete && context.former === null;
  const holds = sees ? sortedBy(kept, (hold) => hold.class) : context.observed.holds;

  const queue = queued(context, running, { approved: released.inVault, claimed: released.claimed });
  for (const item of queue.items) running.delete(item);

  const elsewhere = hashesOf(held);
  const stopped = stoppedAmong(
    context,
    planned.map(({ step }) => step).filter(({ hash }) => !elsewhere.has(hash)),
  );
  const stops = hashesOf(stopped);
  const goesOn = ({ hash }: Step): boolean => !stops.has(hash);
  const waiting = withSteps(pending, goesOn);
  return {
    runnable: withoutStranded(planned, running).filter(goesOn),
    lossGroups: withSteps(lossGroups, goesOn),
    pending: waiting,
    held: [...stopped, ...held],
    holds,
    settling,
    digest,
    queuedInvites: queue.invites.map(({ step }) => step),
    // What is stopped has no turn to wait for.
    findings: stopped.length > 0 ? [] : queue.findings,
    wakes: [
      ...waiting.map(({ dueAt }) => dueAt),
      ...(stopped.length > 0 ? [] : [...queue.wakes, ...alone.wakes]),
    ],
  };
}

function hashesOf(groups: readonly { readonly steps: readonly Step[] }[]): ReadonlySet<string> {
  return new Set(groups.flatMap(({ steps }) => steps.map(({ hash }) => hash)));
}

/** The groups with those of their steps alone; without those that have none. */
function withSteps<T extends { readonly steps: readonly Step[] }>(
  groups: readonly T[],
  keeps: (step: Step) => boolean,
): T[] {
  return groups
    .map((group) => ({ ...group, steps: group.steps.filter(keeps) }))
    .filter(({ steps }) => steps.length > 0);
}

/** Rail 1: the losses class by class, each all or none. */
function judgedByClass(context: Context, free: readonly Planned[], classOf: ClassOf) {
  const running = new Set<Planned>();
  const lossGroups: LossGroup[] = [];
  const pending: Waiting[] = [];
  const groups: Group[] = [];
  const settling: Partial<Record<LossClass, Settling>> = {};
  const kept: HeldLosses[] = [];
  const judge = absenceJudge(context);
  for (const lossClass of LOSS_CLASSES) {
    const losses = free.filter((item) => classOf(item) === lossClass);
    const verdict = judgeClass(context, judge, lossClass, losses);
    for (const item of verdict.runs) running.add(item);
    lossGroups.push(...verdict.lossGroups);
    if (verdict.pending !== null) pending.push({ ...verdict.pending, steps: [...verdict.pending.steps] });
    if (verdict.group !== null) groups.push(verdict.group);
    if (verdict.settling !== null) settling[lossClass] = verdict.settling;
    if (verdict.kept !== null) kept.push(verdict.kept);
  }
  return { running, lossGroups, pending, groups, settling, kept };
}

/** The groups that an approval lets run; what is held of the rest, and the digest that would release it whole. */
function releasedByApproval(context: Context, groups: readonly Group[]) {
  const approvals = approvalsFor(context, groups);
  const running: Planned[] = [];
  const inVault = new Set<Planned>();
  const claimed = new Set<Planned>();
  const lossGroups: LossGroup[] = [];
  const held: Held[] = [];
  const unapproved: Group[] = [];
  for (const group of groups) {
    const approval = approvals.get(group);
    if (approval === undefined) {
      held.push(heldOf(group, releasedByClaim(context.observed, group)));
      if (group.hold.approvable) unapproved.push(group);
      continue;
    }
    running.push(...group.planned);
    for (const item of group.planned) (approval.via === 'Vault' ? inVault : claimed).add(item);
    const steps = group.planned.filter(({ step }) => step.consequence.loss !== null).map(({ step }) => step);
    if (group.class !== null && steps.length > 0) {
      lossGroups.push({ class: group.class, steps, approval, reservationId: null });
    }
  }
  const digest = unapproved.length === 0 ? null : wholeDigest(unapproved);
  return { running, inVault, claimed, lossGroups, held, digest };
}

/** Rails that look at one step by itself. */
function heldAlone(
  context: Context,
  planned: readonly Planned[],
  classOf: ClassOf,
): { free: readonly Planned[]; groups: readonly Group[]; wakes: readonly number[] } {
  const floor: Planned[] = [];
  const below = floorReasons(context, planned);
  const partial: Planned[] = [];
  const raising = new Map<LossClass | null, Planned[]>();
  const groups: Group[] = [];
  // Of a machine that is taken over each step is a raise by itself.
  const keys = keysToApprove(
    context,
    planned.filter((item) => !isHeldRaise(context, item)),
  );
  const free = planned.filter((item) => {
    if (keys.planned.has(item)) return false;
    if (below.has(item)) {
      floor.push(item);
      return false;
    }
    if (!context.desired.complete && (classOf(item) !== null || item.takesBack)) {
      partial.push(item);
      return false;
    }
    const loosening = loosenedHold(item.step) ?? takeOverHold(item.step);
    if (loosening !== null) {
      groups.push(groupOf(null, [item], loosening));
      return false;
    }
    if (!isHeldRaise(context, item)) return true;
    const lossClass = classOf(item);
    raising.set(lossClass, [...(raising.get(lossClass) ?? []), item]);
    return false;
  });
  // What raises and loses at once is reserved with its class once it is approved.
  for (const [lossClass, items] of raising) groups.push(groupOf(lossClass, items, raiseHold(items)));
  if (keys.planned.size > 0) {
    groups.push(groupOf(null, [...keys.planned], addedKeysHold(keys.planned)));
  }
  if (floor.length > 0) groups.unshift(groupOf(null, floor, floorHold([...new Set(below.values())])));
  if (partial.length > 0) groups.unshift(groupOf(null, partial, PARTIAL_VIEW));
  return { free, groups, wakes: keys.freeAt === null ? [] : [keys.freeAt] };
}

function loosenedHold({ action }: Step): Hold | null {
  if (action.kind !== 'ApplySettings') return null;
  const { before, after } = action;
  const looser = loosened(before, after);
  if (looser.length === 0) return null;
  return {
    reason: 'SettingsLoosened',
    rail: 1,
    message:
      before === null
        ? `The rails are looser than the defaults: ${looser.join(', ')}. Until approved, the defaults hold.`
        : `The rails become looser: ${looser.join(', ')}. Until approved, the rails last applied hold.`,
    next: 'Take it back in Git if it was not meant.',
    approvable: true,
    claimed: 'loosenings',
    ...(changesApprovingMembers(before, after) ? { inVaultAlone: 'no PlanApproval names approvers' } : {}),
    ...(addsApprovingMember(before, after) ? { byOwnerAlone: true } : {}),
  };
}

/** A take-over waits for an approval that is given in the vault; null: the step is none. */
function takeOverHold({ action }: Step): Hold | null {
  if (action.kind !== 'TakeOver') return null;
  return {
    reason: 'NeedsApproval',
    rail: 10,
    message: `All that ${action.before.manager} manages becomes ${action.after.manager}'s, and what stood beside its Organization comes from namespace ${action.after.namespace}; the rails last applied come along.`,
    next: 'Take the annotation away if it was not meant.',
    approvable: true,
    inVaultAlone: 'no PlanApproval lets anybody take over',
  };
}

function floorHold(reasons: readonly string[]): Hold {
  return {
    reason: 'Floor',
    rail: 3,
    message: `Never removed, suspended or demoted: ${reasons.join('; ')}.`,
    next: 'Declare them as before, or change rails.requiredAdmins or rails.approvers.members.',
    approvable: false,
  };
}

const PARTIAL_VIEW: Hold = {
  reason: 'PartialView',
  rail: 6,
  message: 'Not all objects could be read; until they are, nothing is lost.',
  next: 'Repair what cannot be read.',
  approvable: false,
};

type ClassOf = (item: Planned) => LossClass | null;

/**
 * The class that a step settles with: the one it is held with; else of its loss; withdrawals that lose nothing go
 * with `access`. A held step stays with its class where others have since taken what it would lose: held losses
 * leave only by approval or by Git (rail 1). What only takes a raise back settles with none.
 */
function classesOf({ observed }: Context, planned: readonly Planned[]): ClassOf {
  const hashes = planned.map(({ step }) => step.hash);
  const heldWith = new Map<string, LossClass>();
  for (const lossClass of LOSS_CLASSES)
    for (const hash of holdThatStands(observed.holds, lossClass, hashes)?.stepHashes ?? [])
      heldWith.set(hash, lossClass);
  return ({ step, takesBack }) => {
    if (takesBack) return null;
    const lossClass = heldWith.get(step.hash) ?? step.consequence.loss?.class;
    return lossClass ?? (step.withdraws ? 'access' : null);
  };
}

/** An approval names the digest of a group, or of everything that needs one. */
function approvalsFor(context: Context, groups: readonly Group[]): Map<Group, Approval> {
  const valid = context.policy.approvals.filter(({ expiresAt }) => expiresAt > context.now);
  const approvalOf = (digest: string, group: Group): Approval | undefined => {
    const fitting = valid.filter(
      (approval) => approval.digest === digest && mayRelease(context.observed, group, approval),
    );
    return strongest(fitting);
  };
  const held = groups.filter(({ hold }) => hold.approvable);
  const approved = new Map<Group, Approval>();
  for (const group of held) {
    const approval = approvalOf(group.digest, group);
    if (approval !== undefined) approved.set(group, approval);
  }
  for (const some of [held, held.filter((group) => !approved.has(group))]) {
    if (some.length === 0) continue;
    const digest = wholeDigest(some);
    for (const group of some) {
      const approval = approved.get(group) ?? approvalOf(digest, group);
      if (approval !== undefined) approved.set(group, approval);
    }
  }
  return approved;
}

function wholeDigest(groups: readonly Group[]): string {
  return digestOf(groups.flatMap(({ planned }) => planned));
}

/** In order, where a step stands after those that it follows; without those that cannot run because one of these does not. */
function withoutStranded(planned: readonly Planned[], running: ReadonlySet<Planned>): readonly Step[] {
  const runs = new Set<Draft>();
  return planned.flatMap((item) => {
    if (!running.has(item) || !item.follows.every((before) => runs.has(before))) return [];
    runs.add(item.draft);
    return [item.step];
  });
}
