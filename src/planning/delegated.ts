/**
 * What an identity that is bounded to projects leaves out of its plans, because the vault refuses it (V4), judged as the vault
 * judges it: the records of what is not of one project, memberships, and templates that act beyond single projects.
 *
 * Decides V4: what a bounded identity does not plan.
 */
import { changesMembership, isOfWholeRecord, isTemplateStep, templateOutside } from '#model/bounded-steps.ts';
import type { Context } from './context.ts';
import type { Contribution, Draft } from './contribution.ts';
import type { Finding } from './plan-types.ts';

/**
 * All of it where the identity is not bounded. Records that are left out change nothing; the rest is told of. Before others
 * build on it: nobody leaves whom the plan does not let go.
 */
export function delegatedPart(context: Context, whole: Contribution): Contribution {
  if (!context.observed.bounded) return whole;
  const drafts: Draft[] = [];
  const findings: Finding[] = [...whole.findings];
  for (const draft of whole.drafts) {
    // Bookkeeping: the vault works the same without it.
    if (isOfWholeRecord(draft.action, draft.subject.kind)) continue;
    const beyond = beyondProjects(context, draft);
    if (beyond === null) drafts.push(draft);
    else findings.push(notDelegated(draft, beyond));
  }
  return { drafts, findings, wakes: whole.wakes };
}

/** What of the whole organization the step changes; null: nothing that no project holds. Which projects, the vault knows. */
function beyondProjects(context: Context, { action, subject }: Draft): string | null {
  if (subject.kind === 'Member' && changesMembership(action, isOwnInvite(context, subject.key))) {
    return 'who is in the organization is of all of them';
  }
  if (!isTemplateStep(action)) return null;
  return templateOutside(action, () => true) === null ? null : 'the template acts beyond single projects';
}

/** As far as is seen from here: who sent it, the vault knows. */
function isOwnInvite(context: Context, email: string): boolean {
  const record = context.record('Member', email);
  return context.member(email)?.state === 'Invited' && record?.manager === context.desired.manager;
}

/** Stalled: whoever declares it expects it to happen. */
function notDelegated({ subject, source, action }: Draft, beyond: string): Finding {
  return {
    subject,
    source,
    reason: 'NotDelegated',
    severity: 'Stalled',
    message: `The identity is bounded to projects, and ${beyond} (${action.kind}).`,
    next: 'Declare it for an identity without that bound, or have a person do it.',
  };
}
