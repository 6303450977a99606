import { describe, expect, it } from 'vitest';
import { DEFAULT_CEILINGS } from '#model/gains.ts';
import { DEFAULT_RAILS } from '#model/loosened.ts';
import { plan } from '#planning/plan.ts';
import type { Approval } from '#planning/plan-types.ts';
import { desired, policy } from '#test/builders/desired.ts';
import { HOUR, NOW, organization } from '#test/builders/organization.ts';

const looser = desired()
  .rails({ approvers: { users: ['alice'], groups: [], members: [] } })
  .build();
const vault = (loosenings: number, used = 0) => ({
  ...organization().build(),
  ceilings: { ...DEFAULT_CEILINGS, loosenings },
  ceilingsUsed: { ...DEFAULT_CEILINGS, loosenings: used },
});
const approval = (digest: string, via: Approval['via']): Approval => ({
  digest,
  via,
  approver: 'alice',
  reference: via,
  reason: 'meant',
  expiresAt: NOW + HOUR,
});
const held = (observed = vault(0), approvals: Approval[] = []) =>
  plan(looser, observed, policy({ approvals }), NOW).held;

describe('what is held says which way releases it (rail 2)', () => {
  it('an approval in the vault alone, where the delegation lets PlanApprovals release none', () => {
    const [one] = held();
    expect(one).toMatchObject({ reason: 'SettingsLoosened', byPlanApproval: false });
    expect(one?.next).toContain('signed in to the vault');
    const digest = one?.digest ?? '';
    expect(held(vault(0), [approval(digest, 'PlanApproval')]), 'a claim releases nothing').toHaveLength(1);
    expect(held(vault(0), [approval(digest, 'Vault')]), 'the control').toEqual([]);
  });

  it('a PlanApproval too, as many as the owner set', () => {
    const [one] = held(vault(1));
    expect(one).toMatchObject({ byPlanApproval: true });
    const digest = one?.digest ?? '';
    expect(held(vault(1), [approval(digest, 'PlanApproval')])).toEqual([]);
    expect(held(vault(1, 1), [approval(digest, 'PlanApproval')]), 'used up').toHaveLength(1);
  });

  it('that of the vault is used where there are both, because it counts toward no ceiling', () => {
    const digest = held(vault(1))[0]?.digest ?? '';
    const both = [approval(digest, 'PlanApproval'), approval(digest, 'Vault')];
    expect(held(vault(1, 1), both)).toEqual([]);
  });
});

it('rail 1: the rails of a first commit are held where they are looser than the defaults, and run where not', () => {
  expect(held()).toMatchObject([
    { reason: 'SettingsLoosened', message: expect.stringContaining('looser than the defaults: approvers') },
  ]);
  const tighter = desired()
    .rails({ settleSeconds: 60, requiredAdmins: ['alice@acme.example'] })
    .build();
  expect(plan(tighter, vault(0), policy(), NOW)).toMatchObject({
    held: [],
    runnable: [{ action: { kind: 'ApplySettings' } }],
  });
  const same = desired().rails(DEFAULT_RAILS).build();
  expect(plan(same, vault(0), policy(), NOW).held).toEqual([]);
});
