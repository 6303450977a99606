/**
 * Whom no step takes anything from, beside the owner: plan and vault ask the same function.
 *
 * Decides rail 3: who stands below the floor, and by which steps.
 */
import { normalizeEmail } from './organization.ts';
import type { StepAction } from './step.ts';

/** E-mails, in whatever case. */
export interface Floor {
  /** They stay admins. */
  readonly requiredAdmins: readonly string[];
  /** Members besides the owner who can approve in the vault now: one of them stays. */
  readonly approvers: readonly string[];
}

/** Why the step would go through the floor, as a clause about the person; null: it does not. */
export function belowFloor(floor: Floor, action: StepAction): string | null {
  const leaves = isDeparture(action);
  const demoted =
    action.kind === 'SetMemberAccess' && action.before.role !== 'Member' && action.after.role === 'Member';
  if (!leaves && !demoted && action.kind !== 'CancelInvite') return null;
  const email = normalizeEmail(action.key);
  const isThem = (other: string): boolean => normalizeEmail(other) === email;
  if (floor.requiredAdmins.some(isThem)) return `${email} is in rails.requiredAdmins`;
  const isLast = leaves && floor.approvers.length > 0 && floor.approvers.every(isThem);
  return isLast ? `${email} is the last approver besides the owner` : null;
}

/** The floor once the step is done: who leaves or is suspended approves no more. */
export function floorAfter(floor: Floor, action: StepAction): Floor {
  if (!isDeparture(action)) return floor;
  const email = normalizeEmail(action.key);
  return { ...floor, approvers: floor.approvers.filter((other) => normalizeEmail(other) !== email) };
}

function isDeparture({ kind }: StepAction): boolean {
  return kind === 'RemoveMember' || kind === 'SuspendMember';
}
