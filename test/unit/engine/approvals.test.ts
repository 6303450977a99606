import { describe, expect, test } from 'vitest';
import { approvalsFrom, approvingRails } from '#engine/approvals.ts';
import { RAILS } from '#test/builders/desired.ts';
import { HOUR, NOW, organization } from '#test/builders/organization.ts';
import { resource } from '#test/builders/resources.ts';

const rails = {
  ...RAILS,
  approvers: { users: ['alice'], groups: ['acme:security', 'system:serviceaccounts:acme'], members: [] },
};
const state = organization().build();
const digest = 'a'.repeat(64);
const approval = (approver: string, groups?: string[], age = HOUR) =>
  resource(
    'PlanApproval',
    'ok',
    { digest, approver, reason: 'reviewed', ...(groups && { groups }) },
    {
      creationTimestamp: new Date(NOW - age).toISOString(),
    },
  );
const judged = (
  object: ReturnType<typeof approval>,
  provenSince: number | null = 0,
  applied: typeof rails | null = rails,
) => approvalsFrom([object], state, applied, { now: NOW, provenSince });

describe('a PlanApproval', () => {
  test('counts by a user among the approvers last applied', () => {
    const { approvals, verdicts } = judged(approval('alice'));
    expect(verdicts).toMatchObject([{ counts: true, reason: 'Valid' }]);
    expect(approvals).toEqual([
      {
        digest,
        approver: 'alice',
        via: 'PlanApproval',
        reference: 'ok',
        reason: 'reviewed',
        expiresAt: NOW + 23 * HOUR,
      },
    ]);
  });

  test.each([
    ['by a group among the approvers', approval('bob', ['acme:security']), 'Valid'],
    ['not by somebody else', approval('bob'), 'NotAnApprover'],
    ['not by a group that is no approver', approval('bob', ['acme:all']), 'NotAnApprover'],
    [
      'never by a service account',
      approval('system:serviceaccount:acme:ci', ['acme:security']),
      'ServiceAccount',
    ],
    [
      'never by the group of service accounts',
      approval('bob', ['system:serviceaccounts:acme']),
      'NotAnApprover',
    ],
    ['not after 24 hours', approval('alice', undefined, 24 * HOUR), 'Expired'],
    ['not twice', { ...approval('alice'), status: { state: 'Used' } }, 'Used'],
  ])('counts %s', (_, object, reason) => {
    expect(judged(object).verdicts).toMatchObject([{ reason, counts: reason === 'Valid' }]);
    expect(judged(object).approvals).toHaveLength(reason === 'Valid' ? 1 : 0);
  });

  test('counts for nothing while nothing proves its approver, which is told', () => {
    const { approvals, findings } = judged(approval('alice'), null);
    expect(approvals).toEqual([]);
    expect(findings).toMatchObject([{ reason: 'ApprovalsNotProven' }]);
  });

  test.each([
    ['older than the policy that proves approvers', 2 * HOUR, 'ApprovalsNotProven'],
    ['of the second in which the policy changed', HOUR, 'ApprovalsNotProven'],
    ['younger than the policy', HOUR - 1000, 'Valid'],
  ])('%s is judged so (docs/decisions/0006)', (_, age, reason) => {
    const { verdicts } = judged(approval('alice', undefined, age), NOW - HOUR);
    expect(verdicts).toMatchObject([{ reason, counts: reason === 'Valid' }]);
  });

  test('counts for nothing before rails were ever applied', () => {
    expect(judged(approval('alice'), 0, null).verdicts).toMatchObject([{ reason: 'NotAnApprover' }]);
  });
});

test('an approval given in the vault counts as the vault says, until it is over', () => {
  const given = {
    byOwner: true,
    id: 'apr_1',
    digest,
    approver: 'alice',
    reason: 'seen',
    at: NOW,
    expiresAt: NOW + HOUR,
  };
  const over = { ...given, id: 'apr_2', expiresAt: NOW };
  const { approvals } = approvalsFrom([], { ...state, approvals: [given, over] }, null, {
    now: NOW,
    provenSince: null,
  });
  expect(approvals).toMatchObject([{ via: 'Vault', reference: 'apr_1' }]);
});

test('approvers are those last applied; nobody where none ever were, or another manager applied them (rail 1)', () => {
  const applied = { ...RAILS, approvers: { users: ['bob'], groups: [], members: [] } };
  const vault = (manager?: string) =>
    organization()
      .record(
        'Organization',
        state.vaultId,
        { displayName: null, rails: applied },
        { ...(manager && { manager }) },
      )
      .build();
  const { manager } = vault().records[0]!;
  expect(approvingRails(vault(), manager)).toEqual(applied);
  expect(approvingRails(state, manager)).toBeNull();
  expect(approvingRails(vault('other'), manager)).toBeNull();
});
