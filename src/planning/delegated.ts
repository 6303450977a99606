/**
 * What an identity that is bounded to projects leaves out of its plans, because the vault refuses it (V4): the records of what is
 * not of one project, and the ends of memberships.
 *
 * Decides V4: what a bounded identity does not plan.
 */
import type { Context } from './context.ts';
import type { Draft } from './contribution.ts';
import type { Finding } from './plan-types.ts';

interface Delegated {
  readonly drafts: readonly Draft[];
  readonly findings: readonly Finding[];
}

/** All of them where the identity is not bounded. Records that are left out change nothing; memberships are told of. */
export function delegatedDrafts({ observed }: Context, drafts: readonly Draft[]): Delegated {
  if (!observed.bounded) return { drafts, findings: [] };
  return {
    drafts: drafts.filter((draft) => !isOfForeignRecord(draft) && !isOfMembership(draft)),
    findings: drafts.filter(isOfMembership).map(notDelegated),
  };
}

/** Bookkeeping about what is of more than one project: the vault works the same without it. */
function isOfForeignRecord({ action, subject }: Draft): boolean {
  if (action.kind !== 'Claim' && action.kind !== 'Release') return false;
  return subject.kind !== 'Project' && subject.kind !== 'MachineBinding';
}

/** Who is in the organization is of every project. */
function isOfMembership({ action: { kind } }: Draft): boolean {
  return kind === 'SuspendMember' || kind === 'UnsuspendMember' || kind === 'RemoveMember';
}

/** Stalled: whoever declares it expects it to happen. */
function notDelegated({ subject, source, action }: Draft): Finding {
  return {
    subject,
    source,
    reason: 'NotDelegated',
    severity: 'Stalled',
    message: `The identity is bounded to projects, and who is in the organization is of all of them (${action.kind}).`,
    next: 'Declare it for an identity without that bound, or have a person do it.',
  };
}
