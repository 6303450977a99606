/**
 * What an identity that is bounded to projects leaves out of its plans, because the vault refuses it (V4): the records of what is
 * not of one project.
 *
 * Decides V4: what a bounded identity does not plan.
 */
import type { Context } from './context.ts';
import type { Draft } from './contribution.ts';

/** All of them where the identity is not bounded. What is left out is kept by no record, and is as it is in the vault. */
export function delegatedDrafts({ observed }: Context, drafts: readonly Draft[]): readonly Draft[] {
  if (!observed.bounded) return drafts;
  return drafts.filter((draft) => !isOfForeignRecord(draft));
}

/** Bookkeeping about what is of more than one project: the vault works the same without it. */
function isOfForeignRecord({ action, subject }: Draft): boolean {
  if (action.kind !== 'Claim' && action.kind !== 'Release') return false;
  return subject.kind !== 'Project' && subject.kind !== 'MachineBinding';
}
