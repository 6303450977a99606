import { describe, expect, it } from 'vitest';
import { desired, RAILS, settled } from '#test/builders/desired.ts';
import { HOUR, NOW, organization, VAULT_ID } from '#test/builders/organization.ts';
import { held, planned, reasons, told } from '#test/builders/planned.ts';

const ANN = 'ann@acme.example';

describe('the floor (rail 3)', () => {
  it('keeps required admins from being removed, suspended or demoted, and no approval helps', () => {
    const rails = { ...RAILS, requiredAdmins: [ANN] };
    const state = organization().member(ANN, { role: 'Admin' }).member('x@acme.example').ours();
    state.with(settled(state.build(), rails));
    const others = () => desired().rails(rails).member('x@acme.example');
    const demoted = others().member(ANN);
    const suspended = others().member(ANN, { role: 'Admin', state: 'Suspended' });
    for (const declared of [others(), demoted, suspended]) {
      const plan = planned(declared, state);
      expect(told(plan.runnable)).toEqual([]);
      expect(plan.held).toMatchObject([{ reason: 'Floor', digest: null }]);
    }
  });
});

describe('a vault that is not ours to write', () => {
  const declared = desired().member(ANN);

  it('is observed only', () => {
    const plan = planned(declared, organization(), {
      observeOnly: { message: 'spec.management is Observe', next: 'Take it out.' },
    });
    expect(plan.runnable).toEqual([]);
    expect(plan.held[0]).toMatchObject({ reason: 'ObserveOnly', message: 'spec.management is Observe' });
  });

  it('has another manager by its record (rail 10)', () => {
    const state = organization().record('Organization', VAULT_ID, {}, { manager: 'else/where' });
    const plan = planned(declared, state);
    expect(plan.runnable).toEqual([]);
    expect(plan.held[0]?.message).toContain('ManagementConflict: else/where');
  });
});

describe('a frozen vault (rail 12)', () => {
  const freeze = { by: 'carol', reason: 'incident', at: NOW, all: false };
  const BOB = 'bob@acme.example';
  const suspended = { state: 'Suspended' } as const;
  const state = () => organization().member(ANN).member(BOB).ours();
  const declared = () => desired().member(ANN).member(BOB, suspended).member('new@acme.example');

  it('is planned, and everything else than an explicit suspension is held', () => {
    const plan = planned(declared(), state(), { freeze });
    expect(told(plan.runnable)).toEqual([`SuspendMember ${BOB}`]);
    expect(plan.lossGroups).toMatchObject([{ class: 'suspensions', steps: [{ action: { key: BOB } }] }]);
    expect(held(plan)).toEqual([['Frozen', ['InviteMember new@acme.example']]]);
    expect(plan.held[0]).toMatchObject({ rail: 12, next: 'seneschal thaw', digest: null });
    expect(plan.held[0]?.message).toContain('whom Git says to suspend is suspended all the same');
  });

  it('holds suspensions too where everything was frozen', () => {
    const plan = planned(declared(), state(), { freeze: { ...freeze, all: true } });
    expect(plan.runnable).toEqual([]);
    expect(plan.lossGroups).toEqual([]);
    expect(held(plan)).toEqual([['Frozen', [`SuspendMember ${BOB}`, 'InviteMember new@acme.example']]]);
    expect(plan.held[0]?.message).not.toContain('suspend');
  });

  it('holds a suspension beyond its budget under a digest, and an approval releases it there too (rail 1)', () => {
    const ledger = Array.from(
      { length: 5 },
      (_, at) => ({ class: 'suspensions', units: 1, at: NOW, stepHash: `${at}`, approved: false }) as const,
    );
    const spent = state().with({ ledger });
    const before = planned(declared(), spent, { freeze });
    expect(told(before.runnable)).toEqual([]);
    expect(before.held).toMatchObject([{ reason: 'Frozen' }, { reason: 'LossBudget' }]);
    const digest = before.held[1]?.digest ?? '';
    const approval = { digest, approver: 'carol', via: 'Vault', reference: 'apr_1', reason: 'seen' } as const;
    const approvals = [{ ...approval, expiresAt: NOW + HOUR }];
    const after = planned(declared(), spent, { freeze, approvals });
    expect(told(after.runnable)).toEqual([`SuspendMember ${BOB}`]);
    expect(after.lossGroups).toMatchObject([{ class: 'suspensions', approval: { reference: 'apr_1' } }]);
  });

  it('keeps the floor (rail 3), and another manager out (rail 10)', () => {
    const rails = { ...RAILS, requiredAdmins: [BOB] };
    const kept = state();
    kept.with(settled(kept.build(), rails));
    expect(planned(declared().rails(rails), kept, { freeze }).held).toMatchObject([
      { reason: 'Frozen' },
      { reason: 'Floor', steps: [{ action: { key: BOB } }] },
    ]);
    const observeOnly = { message: 'another has the lease', next: '' };
    const plan = planned(declared(), state(), { freeze, observeOnly });
    expect(plan.runnable).toEqual([]);
    expect(held(plan)).toEqual([
      ['Frozen', ['InviteMember new@acme.example']],
      ['ObserveOnly', [`SuspendMember ${BOB}`]],
    ]);
  });

  it('has nobody wait for a turn who waits for the thaw (rail 8)', () => {
    const full = state();
    const { gains } = full.build();
    full.with({ gains: { ...gains, budgets: { ...gains.budgets, invitesPerHour: 0 } } });
    expect(reasons(planned(declared(), full))).toEqual(['Waiting InviteQueued new@acme.example']);
    const plan = planned(declared(), full, { freeze });
    expect(reasons(plan)).toEqual([]);
    expect(held(plan)).toEqual([['Frozen', ['InviteMember new@acme.example']]]);
  });
});
