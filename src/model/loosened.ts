/**
 * What an edit of the rails takes from those that were applied last (design §4: loosening needs approval).
 *
 * Decides rail 1: which edits of the rails loosen them.
 */
import type { RailSettings } from './fields.ts';
import { LOSS_CLASSES } from './loss.ts';

/** What a change of the rails loosens; empty: it only tightens. The first time nothing is loosened. */
export function loosened(before: RailSettings | null, after: RailSettings): string[] {
  if (before === null) return [];
  const looser: string[] = [];
  if (after.settleSeconds < before.settleSeconds) looser.push('settle');
  for (const lossClass of LOSS_CLASSES) {
    const was = before.lossBudget[lossClass];
    const is = after.lossBudget[lossClass];
    const max = (value: number | null): number => value ?? Number.POSITIVE_INFINITY;
    if (is.min > was.min || max(is.max) > max(was.max) || is.percent > was.percent) {
      looser.push(`lossBudget.${lossClass}`);
    }
  }
  if (before.requiredAdmins.some((email) => !after.requiredAdmins.includes(email))) {
    looser.push('requiredAdmins');
  }
  if (before.privilegeApproval === 'Always' && after.privilegeApproval === 'Never') {
    looser.push('privilegeApproval');
  }
  const more = (was: readonly string[], is: readonly string[]): boolean =>
    is.some((name) => !was.includes(name));
  if (
    more(before.approvers.users, after.approvers.users) ||
    more(before.approvers.groups, after.approvers.groups)
  ) {
    looser.push('approvers');
  }
  return looser;
}
