/**
 * Rail 3: never the owner; the required admins stay admins.
 *
 * Decides rail 3: which steps of a plan go through the floor.
 */
import { normalizeEmail } from '#model/organization.ts';
import type { Context } from '../context.ts';
import type { Step } from '../plan-types.ts';

/** Why the step would go through the floor; null: it does not. */
export function belowFloor(context: Context, { action }: Step): string | null {
  const takesAway =
    action.kind === 'RemoveMember' ||
    action.kind === 'SuspendMember' ||
    action.kind === 'CancelInvite' ||
    (action.kind === 'SetMemberAccess' && action.before.role !== 'Member' && action.after.role === 'Member');
  if (!takesAway) return null;
  const email = normalizeEmail(action.key);
  if (email === context.owner) return `${email} is the owner`;
  const required = context.settings.requiredAdmins.some((admin) => normalizeEmail(admin) === email);
  return required ? `${email} is in rails.requiredAdmins` : null;
}
