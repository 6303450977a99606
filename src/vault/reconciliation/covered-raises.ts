/**
 * Rail 2 as the vault enforces it: a step that raises somebody runs under an approval alone.
 *
 * Decides rail 2: that the vault takes no raise without an approval.
 */
import type { Consequence } from '#model/consequence.ts';
import { stepHash } from '#model/digest.ts';
import type { Approved } from '#model/record.ts';
import type { StepKind } from '#model/step.ts';
import {
  raisesOf,
  raisesText,
  raiseWaits,
  type StepCircumstances,
  takesOverMore,
} from '#model/step-raises.ts';
import type { StepRequest } from '#protocol/management.ts';
import type { AutomationActor } from '../act/actor.ts';
import type { Act } from '../act/context.ts';
import { coverRaises } from '../automation/gain-budgets.ts';
import { DomainError, refuse } from '../common/domain-error.ts';
import { raisesWait } from '../managed/applied-settings.ts';
import { originOf, type Subject } from '../managed/records.ts';
import { standsAs } from '../managed/tombstones.ts';
import { useApproval } from './approvals.ts';

/** Looser rails, and a take-over, use the approval for themselves. */
const USES_ITS_OWN: ReadonlySet<StepKind> = new Set<StepKind>(['ApplySettings', 'TakeOver']);

/** As they are before the step runs, which may change them. */
export async function circumstancesOf(
  act: Act,
  { reinstate, record, origin }: StepRequest,
  subject: Subject,
): Promise<StepCircumstances> {
  const declared = record?.origin ?? origin ?? null;
  const recorded = declared === null ? null : await originOf(act, subject);
  return {
    reinstates: reinstate !== undefined && (await standsAs(act, reinstate)),
    takenOver: recorded !== null && recorded !== declared,
    moves: record != null && recorded !== null && recorded !== record.origin,
    // Asked where it decides: a raise that waits anyhow waits from everywhere.
    fromOutside:
      !raisesWait(act.vault, subject.kind) &&
      (await isFromOutside(act, declared ?? (await originOf(act, subject)))),
  };
}

/** By the record of the Organization: without one there are no rails that say Never. */
async function isFromOutside(act: Act, origin: string | null): Promise<boolean> {
  const own = await originOf(act, { kind: 'Organization', key: act.vault.id });
  return origin !== null && own !== null && origin !== own;
}

/** Whether what the step raises waits for an approval, by the rails that are in force. */
export function stepWaits(
  act: Act,
  { kind }: Pick<Subject, 'kind'>,
  judged: Consequence,
  circumstances: StepCircumstances,
): boolean {
  return raiseWaits(raisesWait(act.vault, kind), judged, circumstances);
}

/**
 * Uses the approval that the step comes with, and answers who gave it, or the delegation's own budget of raises. Throws `NeedsApproval` where
 * neither holds it, `Forbidden` where the approval is for another plan.
 */
export async function coverStepRaises(
  act: Act,
  actor: AutomationActor,
  { action, approval, approvalProof }: StepRequest,
  subject: Subject,
  judged: Consequence,
  circumstances: StepCircumstances,
): Promise<Approved | null> {
  const raises = raisesOf(action, judged, circumstances);
  if (raises.length === 0) return null;
  if (!stepWaits(act, subject, judged, circumstances)) return null;
  if (approval === undefined) {
    await coverRaises(act, actor, 1).catch((error: unknown) => {
      if (!(error instanceof DomainError) || error.code !== 'NeedsApproval') throw error;
      throw refuse(error.code, `${action.kind} ${action.key} raises ${raisesText(raises)}.`, error.next);
    });
    return null;
  }
  return useApproval(act, {
    claim: approval,
    steps: { action, approvalProof },
    purpose: `${USES_ITS_OWN.has(action.kind) ? 'moved:' : ''}${stepHash(act.vault.id, action)}`,
    counts: {
      class: takesOverMore(judged, circumstances) ? 'takeOvers' : 'raises',
      units: 1,
    },
  });
}
