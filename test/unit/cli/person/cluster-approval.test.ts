import { describe, expect, it } from 'vitest';
import { approvalSpec } from '#cli/person/cluster-approval.ts';

const DIGEST = 'ab'.repeat(32);
const acme = { name: 'acme', approvingGroups: ['acme:security'] };
const groupsOf = (...groups: string[]) =>
  approvalSpec(DIGEST, 'reviewed', { username: 'alice', groups }, acme).groups;

describe('a PlanApproval of the command line', () => {
  it('is for the Organization, in the name that the API server knows', () => {
    expect(approvalSpec(DIGEST, 'reviewed', { username: 'alice', groups: [] }, acme)).toEqual({
      organizationRef: { name: 'acme' },
      digest: DIGEST,
      approver: 'alice',
      reason: 'reviewed',
    });
  });

  it('names the groups of the person, those that approve first, and none that Kubernetes itself gives', () => {
    expect(groupsOf('acme:web', 'system:authenticated', 'acme:security', 'acme:web')).toEqual([
      'acme:security',
      'acme:web',
    ]);
  });

  it('keeps the group that approves among more than an approval may name', () => {
    const many = Array.from({ length: 60 }, (_, index) => `group-${index}`);
    const named = groupsOf(...many, 'acme:security');
    expect(named).toHaveLength(50);
    expect(named?.[0]).toBe('acme:security');
  });
});
