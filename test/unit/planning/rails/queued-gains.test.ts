import { describe, expect, it } from 'vitest';
import { planDigest } from '#model/digest.ts';
import { DEFAULT_GAIN_BUDGETS } from '#model/gains.ts';
import { DEFAULT_INVITES } from '#model/invites.ts';
import { plan } from '#planning/plan.ts';
import type { Approval } from '#planning/plan-types.ts';
import { renderText } from '#planning/render-text.ts';
import { desired, policy } from '#test/builders/desired.ts';
import { HOUR, NOW, organization } from '#test/builders/organization.ts';

const people = (count: number) => {
  const builder = desired();
  for (let index = 10; index < 10 + count; index += 1) builder.member(`p${index}@acme.example`);
  return builder.build();
};
const invitesAt = (...times: number[]) => ({
  budgets: DEFAULT_GAIN_BUDGETS,
  given: times.map((at) => ({ class: 'invites' as const, units: 1, at })),
});
const planOf = (count: number, gains = invitesAt()) =>
  plan(people(count), { ...organization().build(), gains }, policy(), NOW);
const runnable = (of: ReturnType<typeof planOf>) =>
  of.runnable.filter(({ action }) => action.kind === 'InviteMember').map(({ action }) => action.key);

describe('people beyond what may be invited in an hour (rail 8)', () => {
  it('are queued in the order of their addresses, and the plan says until when', () => {
    const of = planOf(27);
    expect(runnable(of)).toHaveLength(25);
    const queued = of.findings.filter(({ reason }) => reason === 'InviteQueued');
    expect(queued.map(({ subject }) => subject.key)).toEqual(['p35@acme.example', 'p36@acme.example']);
    expect(queued[0]).toMatchObject({
      severity: 'Waiting',
      message: expect.stringContaining(new Date(NOW + HOUR).toISOString()),
    });
    expect(of.wakeAt).toBe(NOW + HOUR);
    expect(of.held).toEqual([]);
    expect(renderText(of)).toContain(
      'InviteMember p36@acme.example: not in the organization (waits for its turn)',
    );
  });

  it('are not queued where the hour has room', () => {
    const of = planOf(25);
    expect(runnable(of)).toHaveLength(25);
    expect(of.findings.filter(({ reason }) => reason === 'InviteQueued')).toEqual([]);
  });

  it('leave when the first of those before is an hour ago', () => {
    const of = planOf(2, invitesAt(...Array.from({ length: 25 }, (_, index) => NOW - HOUR + 1000 + index)));
    expect(runnable(of)).toEqual([]);
    expect(of.wakeAt).toBe(NOW + 1000);
    const later = invitesAt(...Array.from({ length: 25 }, (_, index) => NOW - HOUR + index));
    expect(runnable(planOf(2, later))).toHaveLength(1);
  });

  it('are fewer where the Organization says so, and as many as the delegation says where it says more', () => {
    const bounded = (perHour: number) => {
      const invites = { ...DEFAULT_INVITES, perHour };
      const { organization: own, ...rest } = people(27);
      const rails = { ...own.fields.rails, invites };
      const declared = { ...rest, organization: { ...own, fields: { ...own.fields, rails } } };
      const state = { ...organization().build(), gains: invitesAt() };
      return runnable(plan(declared, state, policy(), NOW));
    };
    expect(bounded(3)).toHaveLength(3);
    expect(bounded(900)).toHaveLength(25);
  });

  it('all leave by an approval of those that wait, which was given in the vault', () => {
    const state = organization().build();
    const of = planOf(27);
    const digest = planDigest(
      state.vaultId,
      of.queuedInvites.map(({ action }) => action),
    );
    expect(of.findings.find(({ reason }) => reason === 'InviteQueued')?.next).toContain(
      `seneschal approve ${digest}`,
    );
    const under = (via: Approval['via']) => {
      const approval = { digest, via, approver: 'alice', reference: 'apr_1', reason: 'demo' };
      const approvals = [{ ...approval, expiresAt: NOW + HOUR }];
      return runnable(plan(people(27), { ...state, gains: invitesAt() }, policy({ approvals }), NOW));
    };
    expect(under('Vault')).toHaveLength(27);
    expect(under('PlanApproval')).toHaveLength(25);
  });

  it('that a PlanApproval released as raises are told to be held again where it ends before their turn', () => {
    const builder = desired();
    for (let index = 10; index < 37; index += 1) builder.member(`p${index}@acme.example`, { role: 'Admin' });
    const state = organization().build();
    const allowing = { ...state, gains: invitesAt(), ceilings: { ...state.ceilings, raises: 100 } };
    const { digest } = plan(builder.build(), allowing, policy(), NOW);
    const approval: Approval = {
      ...{ digest: digest ?? '', approver: 'alice', via: 'PlanApproval' },
      ...{ reference: 'one', reason: 'r', expiresAt: NOW + HOUR },
    };
    const of = plan(builder.build(), allowing, policy({ approvals: [approval] }), NOW);
    expect(runnable(of)).toHaveLength(25);
    const queued = of.findings.filter(({ reason }) => reason === 'InviteQueued');
    expect(queued.map(({ next }) => next.split(';')[0])).toEqual(
      Array(2).fill('It is held again where its PlanApproval ends before its turn'),
    );
  });

  it('have no time where the delegation invites nobody', () => {
    const gains = { budgets: { ...DEFAULT_GAIN_BUDGETS, invitesPerHour: 0 }, given: [] };
    const of = planOf(1, gains);
    expect(runnable(of)).toEqual([]);
    expect(of.wakeAt).toBeNull();
  });
});

it('V4: projects beyond what may be made in a day are queued', () => {
  const builder = desired();
  for (const name of ['a', 'b', 'c']) builder.project(name);
  const gains = { budgets: { ...DEFAULT_GAIN_BUDGETS, projectsPerDay: 2 }, given: [] };
  const of = plan(builder.build(), { ...organization().build(), gains }, policy(), NOW);
  expect(of.findings).toContainEqual(
    expect.objectContaining({ reason: 'ProjectQueued', subject: { kind: 'Project', key: 'c' } }),
  );
  expect(of.wakeAt).toBe(NOW + 24 * HOUR);
});
