/**
 * Which way releases what is held. A PlanApproval reaches the vault as a claim of the automation, so the delegation
 * says how much it may release; an approval that a person gives in the vault releases a plan of any size.
 *
 * Decides rail 2: what a PlanApproval releases, as far as a plan can know.
 */
import type { CeilingClass } from '#model/gains.ts';
import type { OrganizationState } from '#model/organization.ts';
import type { Approval } from '../plan-types.ts';
import { unitsOf } from './budget.ts';
import type { Group } from './judged-groups.ts';

/** Whether a PlanApproval of the group, or of the plan, releases it too. */
export function releasedByClaim({ ceilings, ceilingsUsed }: OrganizationState, group: Group): boolean {
  if (!group.hold.approvable || group.hold.inVaultAlone !== undefined) return false;
  const counted: [CeilingClass, number][] = [];
  if (group.class !== null) counted.push([group.class, unitsOf(group.planned)]);
  if (group.hold.claimed !== undefined) counted.push([group.hold.claimed, group.planned.length]);
  return counted.every(([one, units]) => ceilingsUsed[one] + units <= ceilings[one]);
}

/** Whether the approval is of a kind that releases the group. */
export function mayRelease(observed: OrganizationState, group: Group, { via, byOwner }: Approval): boolean {
  if (group.hold.byOwnerAlone === true && byOwner !== true) return false;
  return via === 'Vault' || releasedByClaim(observed, group);
}

/** Of several of one digest: the owner's releases whatever another does, and one in the vault counts toward no ceiling. */
export function strongest(approvals: readonly Approval[]): Approval | undefined {
  return (
    approvals.find(({ byOwner }) => byOwner === true) ??
    approvals.find(({ via }) => via === 'Vault') ??
    approvals[0]
  );
}
