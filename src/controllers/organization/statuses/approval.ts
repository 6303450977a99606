import type { ApprovalVerdict } from '#engine/pass-types.ts';
import type { Resource } from '../../resources.ts';
import { Conditions, present, READINESS, rfc3339, type StatusDraft } from './draft.ts';

/** `usedNow`: a loss or a step ran under it in this pass. */
export function approvalStatusOf(
  object: Resource<'PlanApproval'>,
  verdict: ApprovalVerdict | undefined,
  usedNow: boolean,
  now: number,
): StatusDraft {
  const before = object.status as { usedAt?: string } | undefined;
  const usedAt = before?.usedAt ?? (usedNow ? rfc3339(now) : undefined);
  const conditions = new Conditions(object, READINESS, now);
  const used = usedAt !== undefined || verdict?.reason === 'Used';
  let state: 'Unused' | 'Used' | 'Expired' | 'Refused';
  if (used) {
    state = 'Used';
    conditions.ready('ready', 'Used', 'It released its plan; it counts once.');
  } else if (verdict === undefined || verdict.counts) {
    state = 'Unused';
    conditions.ready('ready', 'Unused', 'It counts for the plan whose digest it names.');
  } else {
    state = verdict.reason === 'Expired' ? 'Expired' : 'Refused';
    conditions.ready('stalled', verdict.reason, verdict.message);
  }
  return {
    ...present({ observedGeneration: object.metadata.generation, state, usedAt }),
    conditions: conditions.list,
  };
}
