/** What keeps an object from being Ready, read off what is open, and the words of what is held. */
import type { OpenItem, WhatIsOpen } from '#engine/open.ts';
import type { PassResult } from '#engine/pass-types.ts';
import type { Standing } from '#model/standing.ts';
import type { VaultAddress } from '#model/vault-address.ts';
import type { Held } from '#planning/plan-types.ts';

export interface Problem {
  /** `awaiting`: what there was goes on, and a raise waits for a person (rail 2). */
  readonly readiness: 'stalled' | 'reconciling' | 'awaiting';
  readonly reason: string;
  readonly message: string;
}

export type PassOutcome = Pick<
  PassResult,
  | 'plan'
  | 'answers'
  | 'observation'
  | 'approvals'
  | 'observeOnly'
  | 'anchor'
  | 'usedApprovals'
  | 'acceptDigest'
> & {
  /** Of the vault that answered. */
  readonly address: VaultAddress;
};

/** `Kind namespace/name`. */
export function objectKey(kind: string, at: { namespace?: string | undefined; name: string }): string {
  return `${kind} ${at.namespace ?? ''}/${at.name}`;
}

export interface ApprovalTarget {
  readonly namespace: string;
  readonly organization: string;
}

const WORSE: readonly Problem['readiness'][] = ['awaiting', 'reconciling', 'stalled'];

/** The worst problem of each object: what stalls goes before what will come by itself. */
export function problemsOf({ items }: WhatIsOpen, target: ApprovalTarget): ReadonlyMap<string, Problem> {
  const problems = new Map<string, Problem>();
  for (const item of items) {
    const problem = problemOf(item, target);
    if (problem === null) continue;
    for (const declaration of item.declarations) {
      const key = objectKey(declaration.kind, declaration);
      const other = problems.get(key);
      if (other === undefined || WORSE.indexOf(problem.readiness) > WORSE.indexOf(other.readiness))
        problems.set(key, problem);
    }
  }
  return problems;
}

/** What keeps the objects of an item from being Ready; null: nothing. */
function problemOf(item: OpenItem, target: ApprovalTarget): Problem | null {
  const { standing, reason, hold, subject } = item;
  if (hold !== null) {
    const problem = problemOfHeld(hold, target);
    // No pod can run by a machine that waits.
    return isRaise(hold) && subject.kind !== 'MachineBinding'
      ? { ...problem, readiness: 'awaiting' }
      : problem;
  }
  const readiness = READINESS_BY[standing];
  const waitsForValue = reason === 'SecretMissing';
  if (readiness === 'ready' && !waitsForValue) return null;
  return {
    readiness: readiness === 'ready' ? 'reconciling' : readiness,
    reason,
    message: `${item.message} ${item.next}`.trim(),
  };
}

/** Ready never waits for a person, and what will come by itself is under way. */
const READINESS_BY: Readonly<Record<Standing, 'ready' | 'reconciling' | 'stalled'>> = {
  Refused: 'stalled',
  ReferenceMissing: 'reconciling',
  Expired: 'stalled',
  Failed: 'reconciling',
  Held: 'stalled',
  CutByPerson: 'stalled',
  Queued: 'reconciling',
  UnderWay: 'reconciling',
  LeftToOperator: 'reconciling',
  WaitingForPerson: 'ready',
  Scheduled: 'ready',
  Drifted: 'ready',
  Foreign: 'ready',
};

/** Ready never waits for a person: what is held as a raise only adds to what there is (rail 2). */
export function isRaise({ rail }: Held): boolean {
  return rail === 2;
}

/** What holds, and the object that a person applies to release it. */
function problemOfHeld(held: Held, target: ApprovalTarget): Problem {
  return {
    readiness: 'stalled',
    reason: held.reason,
    message: [
      held.message,
      held.next,
      ...(held.digest === null || !held.byPlanApproval ? [] : [approvalOf(held.digest, target)]),
    ]
      .filter((part) => part !== '')
      .join(' '),
  };
}

/** All that is held, in short, with the one digest that releases all of it; `held` is not empty. */
export function problemOfHolds(
  held: readonly Held[],
  digest: string | null,
  target: ApprovalTarget,
): Problem | undefined {
  const [first, ...others] = held;
  if (first === undefined || others.length === 0) return first && problemOfHeld(first, target);
  const each = held.map(({ reason, rail, steps, message, next, digest: own }) => {
    const count = `${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`;
    return `${reason} (rail ${rail}, ${count}): ${message}${own === null ? ` ${next}` : ''}`;
  });
  const byPlanApproval = held.every((one) => one.digest === null || one.byPlanApproval);
  const inVault = `seneschal approve ${digest}`;
  const release =
    digest === null
      ? []
      : byPlanApproval
        ? [approvalOf(digest, target), `Or in the vault: ${inVault}`]
        : [`To approve, in the vault: ${inVault}`];
  return {
    readiness: 'stalled',
    reason: first.reason,
    message: [`${held.length} holds.`, ...each, ...release].join(' '),
  };
}

/** A PlanApproval as one line of YAML. */
export function approvalOf(digest: string, { namespace, organization }: ApprovalTarget): string {
  return (
    'To approve, kubectl create: {apiVersion: seneschal.dev/v1alpha1, kind: PlanApproval, ' +
    `metadata: {namespace: ${namespace}, generateName: approve-}, ` +
    `spec: {organizationRef: {name: ${organization}}, digest: "${digest}", ` +
    'approver: YOUR-USER-NAME, reason: WHY}}'
  );
}
