import { expect, it } from 'vitest';
import { approvedSteps } from '#engine/approved.ts';
import type { ObservedPlan } from '#engine/observe.ts';
import { planDigest } from '#model/digest.ts';
import { DEFAULT_GAIN_BUDGETS } from '#model/gains.ts';
import { plan } from '#planning/plan.ts';
import type { Approval } from '#planning/plan-types.ts';
import { desired, policy } from '#test/builders/desired.ts';
import { HOUR, NOW, organization } from '#test/builders/organization.ts';

const approval = (digest: string, via: Approval['via']): Approval => ({
  ...{ digest, via, approver: 'alice', reference: via, reason: 'demo', expiresAt: NOW + HOUR },
});

it('what leaves by an approval of the queued invites is sent with it, beside a PlanApproval of some of them too (rail 8)', () => {
  const builder = desired();
  for (let index = 10; index < 37; index += 1) builder.member(`p${index}@acme.example`);
  // Last in their order, so that they wait for their turn too once their PlanApproval released them.
  for (const name of ['y', 'z']) builder.member(`${name}@acme.example`, { role: 'Admin' });
  const declared = builder.build();
  const { ceilings, ...state } = organization().build();
  const observed = {
    ...{ ...state, ceilings: { ...ceilings, raises: 100 } },
    gains: { budgets: DEFAULT_GAIN_BUDGETS, given: [] },
  };
  const under = (...approvals: Approval[]) => plan(declared, observed, policy({ approvals }), NOW);

  const admins = approval(under().digest ?? '', 'PlanApproval');
  const waiting = under(admins).findings.filter(({ reason }) => reason === 'InviteQueued');
  expect(waiting.map(({ subject }) => subject.key)).toContain('z@acme.example');
  const [, digest = ''] = /seneschal approve (\w+)/.exec(waiting[0]?.next ?? '') ?? [];
  const queue = approval(digest, 'Vault');

  const of = under(admins, queue);
  expect(of.runnable.filter(({ action }) => action.kind === 'InviteMember')).toHaveLength(29);
  const observation = { snapshot: { state: observed } } as unknown as ObservedPlan['observation'];
  const planned = { plan: of, policy: policy({ approvals: [admins, queue] }), now: NOW, observation };
  const released = approvedSteps(declared, planned as ObservedPlan);
  const sent = of.runnable.filter(({ hash }) => released.get(hash)?.claim.reference === 'Vault');
  expect(sent.map(({ subject }) => subject.key).toSorted()).toEqual(
    waiting.map(({ subject }) => subject.key).toSorted(),
  );
  expect(
    planDigest(
      state.vaultId,
      sent.map(({ action }) => action),
    ),
  ).toBe(digest);
  expect(new Set(sent.map(({ hash }) => released.get(hash)?.steps.digest))).toEqual(new Set([digest]));
});
