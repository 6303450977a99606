import { describe, expect, it } from 'vitest';
import { desired, RAILS, settled } from '#test/builders/desired.ts';
import { HOUR, NOW, organization, VAULT_ID } from '#test/builders/organization.ts';
import { held, planned, told } from '#test/builders/planned.ts';

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

  it('is frozen: everything is held and nothing runs (rail 12)', () => {
    const plan = planned(declared, organization(), { freeze: { by: 'carol', reason: 'incident', at: NOW } });
    expect(plan.runnable).toEqual([]);
    expect(held(plan)).toEqual([['Frozen', [`InviteMember ${ANN}`]]]);
    expect(plan.held[0]).toMatchObject({ rail: 12, next: 'seneschal thaw', digest: null });
  });

  it('is observed only', () => {
    const plan = planned(declared, organization(), { observeOnly: 'spec.management is Observe' });
    expect(plan.runnable).toEqual([]);
    expect(plan.held[0]).toMatchObject({ reason: 'ObserveOnly', message: 'spec.management is Observe' });
  });

  it('has another manager, by lease or by record (rail 10)', () => {
    const lease = { manager: 'else/where', installation: 'i', fencing: 1, expiresAt: NOW + HOUR };
    expect(planned(declared, organization(), { lease }).runnable).toEqual([]);
    expect(told(planned(declared, organization(), { lease: { ...lease, expiresAt: NOW } }).runnable)).toEqual(
      [`InviteMember ${ANN}`],
    );
    const state = organization().record('Organization', VAULT_ID, {}, { manager: 'else/where' });
    const plan = planned(declared, state);
    expect(plan.runnable).toEqual([]);
    expect(plan.held[0]?.message).toContain('ManagementConflict: else/where');
  });
});
