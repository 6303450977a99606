/**
 * What an edit of the rails takes from those that were applied last (design §4: loosening needs approval).
 *
 * Decides rail 1: which edits of the rails loosen them.
 */
import { ADDITIVE, AUTHORITY_KINDS } from './authority.ts';
import type { RailSettings } from './fields.ts';
import { DEFAULT_INVITES, invitesMore } from './invites.ts';
import { DEFAULT_BUDGETS, LOSS_CLASSES } from './loss.ts';
import { accessOfNamespace, lackingIn } from './namespace-access.ts';
import { MANAGED_KINDS } from './record.ts';
import { waitsForApproval } from './step-raises.ts';

/** The rails where an Organization says nothing (design §6), and those in force where none were applied yet. */
export const DEFAULT_RAILS: RailSettings = {
  settleSeconds: 30,
  losses: 'Budget',
  lossBudget: DEFAULT_BUDGETS,
  privilegeApproval: 'Always',
  requiredAdmins: [],
  approvers: { users: [], groups: [], members: [] },
  access: [],
  invites: DEFAULT_INVITES,
  confirmation: false,
  authority: ADDITIVE,
};

/** What a change of the rails loosens; empty: it only tightens. `applied` null: none were, and the defaults hold. */
export function loosened(applied: RailSettings | null, after: RailSettings): string[] {
  const before = applied ?? DEFAULT_RAILS;
  const looser: string[] = [];
  if (after.settleSeconds < before.settleSeconds) looser.push('settle');
  if (before.losses === 'Hold' && after.losses !== 'Hold') looser.push('losses');
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
  const waited = MANAGED_KINDS.filter((kind) => waitsForApproval(before, kind));
  if (!waited.every((kind) => waitsForApproval(after, kind))) looser.push('privilegeApproval');
  if (
    more(before.approvers.users, after.approvers.users) ||
    more(before.approvers.groups, after.approvers.groups) ||
    changesApprovingMembers(before, after)
  ) {
    looser.push('approvers');
  }
  const allowed = accessOfNamespace(before.access);
  if (after.access.some((entry) => lackingIn(allowed(entry.namespace), entry) !== null)) {
    looser.push('access');
  }
  if (invitesMore(before.invites, after.invites)) looser.push('invites');
  if (before.confirmation && !after.confirmation) looser.push('confirmation');
  if (
    AUTHORITY_KINDS.some(
      (kind) => before.authority[kind] !== after.authority[kind] && after.authority[kind] === 'Exclusive',
    )
  ) {
    looser.push('authority');
  }
  return looser;
}

/**
 * Whether other members approve in the vault than before. Who is taken off counts as who is added: the last of them is
 * kept by the floor (rail 3), and must not fall by way of the list. Such a change is released in the vault alone, since
 * whoever claims an approval would otherwise name who gives the next one.
 */
export function changesApprovingMembers(before: RailSettings | null, after: RailSettings): boolean {
  const was = before?.approvers.members ?? [];
  const is = after.approvers.members;
  return more(was, is) || more(is, was);
}

/** Whether somebody approves in the vault who did not before: the owner names who does, so no other approver releases it. */
export function addsApprovingMember(before: RailSettings | null, after: RailSettings): boolean {
  return more(before?.approvers.members ?? [], after.approvers.members);
}

function more(was: readonly string[], is: readonly string[]): boolean {
  return is.some((name) => !was.includes(name));
}
