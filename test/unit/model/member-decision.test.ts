import { describe, expect, it } from 'vitest';
import { decideMember, type HeldAccess } from '#model/member-decision.ts';
import type { MemberState, Role } from '#model/organization.ts';

const held = (role: Role, isNamedApprover: boolean, state: MemberState = 'Active'): HeldAccess => ({
  now: 0,
  member: { role, template: null, projectScope: null, grants: [], state },
  template: undefined,
  groupGrants: [],
  isNamedApprover,
});
const refusal = (of: HeldAccess): string | null => decideMember(of, 'Approver').refusal;

describe('who approves (rail 2)', () => {
  it('is the owner, and whichever member the rails name', () => {
    expect(refusal(held('Owner', false))).toBeNull();
    expect(refusal(held('Member', true))).toBeNull();
    expect(refusal(held('Admin', true))).toBeNull();
  });

  it('is no admin by that alone', () => {
    expect(refusal(held('Admin', false))).toBe(
      'Only the owner and the approvers whom the rails name may do this.',
    );
  });

  it('is nobody who is suspended or has not joined', () => {
    for (const state of ['Suspended', 'Invited'] as const) {
      expect(refusal(held('Member', true, state))).toBe('You are not an active member of this vault.');
    }
  });

  it('is asked for where an operation says so alone', () => {
    expect(decideMember(held('Member', true), 'Owner').refusal).toBe('Only the owner may do this.');
  });
});
