/**
 * Whom no step takes anything from, beside the owner: plan and vault ask the same function.
 *
 * Decides rail 3: who stands below the floor, and by which steps.
 */
import { endsLater } from './ends.ts';
import { normalizeEmail } from './organization.ts';
import type { StepAction } from './step.ts';

/** E-mails, in whatever case. */
export interface Floor {
  /** They stay admins. */
  readonly requiredAdmins: readonly string[];
  /** Members besides the owner who can approve in the vault now, and without an end (M5): one of them stays. */
  readonly approvers: readonly string[];
}

/** Why the step would go through the floor, as a clause about the person; null: it does not. */
export function belowFloor(floor: Floor, action: StepAction): string | null {
  const leaves = isDeparture(action) || isGivenEnd(action);
  const demoted =
    action.kind === 'SetMemberAccess' && action.before.role !== 'Member' && action.after.role === 'Member';
  if (!leaves && !demoted && action.kind !== 'CancelInvite') return null;
  const email = normalizeEmail(action.key);
  const isThem = (other: string): boolean => normalizeEmail(other) === email;
  if (floor.requiredAdmins.some(isThem)) return `${email} is in rails.requiredAdmins`;
  const isLast = leaves && floor.approvers.length > 0 && floor.approvers.every(isThem);
  return isLast ? `${email} is the last approver besides the owner` : null;
}

/** The floor once the step is done: who leaves, is suspended or is to end approves no more, or not for good. */
export function floorAfter(floor: Floor, action: StepAction): Floor {
  if (!isDeparture(action) && !isGivenEnd(action)) return floor;
  const email = normalizeEmail(action.key);
  return { ...floor, approvers: floor.approvers.filter((other) => normalizeEmail(other) !== email) };
}

/** Whether the membership ends by it where it did not, or earlier (M5). */
function isGivenEnd(action: StepAction): boolean {
  if (action.kind === 'InviteMember') return action.after.expiresAt !== undefined;
  return action.kind === 'SetMemberAccess' && endsLater(action.before.expiresAt, action.after.expiresAt);
}

function isDeparture({ kind }: StepAction): boolean {
  return kind === 'RemoveMember' || kind === 'SuspendMember';
}
