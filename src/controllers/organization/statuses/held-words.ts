/** Words of what rails hold, and of what releases it. */

import type { Held } from '#planning/plan-types.ts';
import { approveCommand } from '#planning/release-command.ts';

/** What is said of something that holds. */
export interface Said {
  readonly reason: string;
  readonly message: string;
}

export interface ApprovalTarget {
  readonly namespace: string;
  readonly organization: string;
}

/** Ready never waits for a person: what is held as a raise only adds to what there is (rail 2). */
export function isRaise({ rail }: Held): boolean {
  return rail === 2;
}

/** What holds, and the object that a person applies to release it. */
export function heldInWords(held: Held, target: ApprovalTarget): Said {
  return {
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
export function holdsInWords(
  held: readonly Held[],
  digest: string | null,
  target: ApprovalTarget,
): Said | undefined {
  const [first, ...others] = held;
  if (first === undefined || others.length === 0) return first && heldInWords(first, target);
  const each = held.map(({ reason, rail, steps, message, next, digest: own }) => {
    const count = `${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`;
    return `${reason} (rail ${rail}, ${count}): ${message}${own === null ? ` ${next}` : ''}`;
  });
  const byPlanApproval = held.every((one) => one.digest === null || one.byPlanApproval);
  const release =
    digest === null
      ? []
      : byPlanApproval
        ? [approvalOf(digest, target), `Or in the vault: ${approveCommand(digest)}`]
        : [`To approve, in the vault: ${approveCommand(digest)}`];
  return {
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
