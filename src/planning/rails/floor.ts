/**
 * Rail 3: never the owner, a required admin, nor the last approver besides the owner.
 *
 * Decides rail 3: which steps of a plan go through the floor.
 */

import { normalizeEmail } from '#model/organization.ts';
import { belowFloor, type Floor, floorAfter } from '#model/people-floor.ts';
import type { StepAction } from '#model/step.ts';
import type { Context } from '../context.ts';
import type { Planned } from '../planned.ts';

/**
 * Why steps would go through the floor, by step; in the order in which they run, so that of the approvers who leave by
 * one plan the last is kept.
 */
export function floorReasons(context: Context, planned: readonly Planned[]): ReadonlyMap<Planned, string> {
  const reasons = new Map<Planned, string>();
  const { requiredAdmins, approvers } = context.settings;
  let floor: Floor = {
    requiredAdmins,
    approvers: approvers.members.filter((email) => isLasting(context, email)),
  };
  for (const item of planned) {
    const { action } = item.step;
    const reason = isOwner(context, item)
      ? `${context.owner} is the owner`
      : (belowFloor(floor, action) ?? requiredWhoEnds(context, action));
    if (reason === null) floor = floorAfter(floor, action);
    else reasons.set(item, reason);
  }
  return reasons;
}

/** No part of a plan names the owner; a part that comes later is held here. */
function isOwner(context: Context, { step: { action, subject } }: Planned): boolean {
  return (
    subject.kind === 'Member' &&
    action.kind !== 'Claim' &&
    action.kind !== 'Release' &&
    normalizeEmail(action.key) === context.owner
  );
}

/** Who approves for good: without an end (M5). */
function isLasting(context: Context, email: string): boolean {
  const member = context.member(email);
  return member?.state === 'Active' && member.role !== 'Owner' && member.expiresAt === undefined;
}

/** M5: who is to stay an admin is nobody who ends. */
function requiredWhoEnds(context: Context, action: StepAction): string | null {
  if (action.kind !== 'ApplySettings') return null;
  const email = action.after.requiredAdmins.find((one) => context.member(one)?.expiresAt !== undefined);
  return email === undefined ? null : `${email} is in rails.requiredAdmins, and the membership ends`;
}
