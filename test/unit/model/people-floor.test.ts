import { describe, expect, it } from 'vitest';
import type { MemberAccess } from '#model/organization.ts';
import { belowFloor, type Floor, floorAfter } from '#model/people-floor.ts';
import type { StepAction } from '#model/step.ts';

const access: MemberAccess = { role: 'Member', template: null, projectScope: null, grants: [] };
const admin: MemberAccess = { ...access, role: 'Admin' };
const floor = (fields: Partial<Floor>): Floor => ({ requiredAdmins: [], approvers: [], ...fields });

const ALICE = 'alice@acme.example';
const BOB = 'bob@acme.example';
const suspend = (key: string): StepAction => ({
  kind: 'SuspendMember',
  key,
  before: { state: 'Active' },
  after: { state: 'Suspended' },
});
const remove = (key: string): StepAction => ({
  kind: 'RemoveMember',
  key,
  before: { ...access, state: 'Active' },
  after: null,
});
const demote: StepAction = { kind: 'SetMemberAccess', key: ALICE, before: admin, after: access };

describe('the floor (rail 3)', () => {
  it('keeps a required admin, however the step writes the address', () => {
    const of = floor({ requiredAdmins: [ALICE] });
    const cancel: StepAction = { kind: 'CancelInvite', key: ALICE, before: admin, after: null };
    for (const action of [suspend('Alice@ACME.example'), remove(ALICE), demote, cancel])
      expect(belowFloor(of, action)).toBe(`${ALICE} is in rails.requiredAdmins`);
    expect(belowFloor(of, { ...demote, after: { ...admin, template: 'x' } } as StepAction)).toBeNull();
    expect(belowFloor(of, suspend(BOB))).toBeNull();
  });

  it('keeps the last approver besides the owner, and takes one of several', () => {
    const last = `${ALICE} is the last approver besides the owner`;
    expect(belowFloor(floor({ approvers: [ALICE] }), suspend(ALICE))).toBe(last);
    expect(belowFloor(floor({ approvers: [ALICE] }), remove(ALICE))).toBe(last);
    expect(belowFloor(floor({ approvers: [ALICE] }), demote)).toBeNull();
    expect(belowFloor(floor({ approvers: [ALICE] }), suspend(BOB))).toBeNull();
    expect(belowFloor(floor({ approvers: [ALICE, BOB] }), suspend(ALICE))).toBeNull();
  });

  it('is looked at again after each step, so that no plan takes all approvers one by one', () => {
    const after = floorAfter(floor({ approvers: [ALICE, BOB] }), suspend(BOB));
    expect(belowFloor(after, remove(ALICE))).toBe(`${ALICE} is the last approver besides the owner`);
    expect(floorAfter(floor({ approvers: [ALICE] }), demote).approvers).toEqual([ALICE]);
  });
});
