import { describe, expect, it } from 'vitest';
import { DEFAULT_GAIN_BUDGETS } from '#model/gains.ts';
import type { Approval } from '#planning/plan-types.ts';
import { desired } from '#test/builders/desired.ts';
import { HOUR, NOW, organization } from '#test/builders/organization.ts';
import { held, planned, told } from '#test/builders/planned.ts';

const newKey = (name: string) => ({ fingerprint: `fp-new-${name}`, publicKey: 'public' });
const declared = (...names: string[]) =>
  names.reduce((all, name) => all.machine(name, [], { key: newKey(name) }), desired());
const adopted = (...names: string[]) =>
  names.reduce((all, name) => all.machine(name, [], { adopted: true }), organization()).ours();

describe('a key that the vault does not know (rail 2)', () => {
  it('runs on a machine of ours', () => {
    const plan = planned(declared('ci'), organization().machine('ci').ours());
    expect(told(plan.runnable)).toEqual(['AddMachineKey ci']);
    expect(held(plan)).toEqual([]);
  });

  it('is held on machines that were only taken over, all of them under one digest', () => {
    const plan = planned(declared('a', 'b'), adopted('a', 'b'));
    expect(told(plan.runnable)).toEqual([]);
    expect(held(plan)).toEqual([['NeedsApproval', ['AddMachineKey a', 'AddMachineKey b']]]);
    const [hold] = plan.held;
    expect(hold).toMatchObject({ rail: 2, digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(hold?.message).toContain('a, b');
    const approval: Approval = {
      digest: hold?.digest ?? '',
      approver: 'alice',
      via: 'Vault',
      reference: 'apr_1',
      reason: 'rebuilt',
      expiresAt: NOW + 1,
    };
    const approved = planned(declared('a', 'b'), adopted('a', 'b'), { approvals: [approval] });
    expect(told(approved.runnable)).toEqual(['AddMachineKey a', 'AddMachineKey b']);
  });

  it('runs there too where a key of the machine vouches for it', () => {
    const key = { ...newKey('ci'), proof: 'signature' };
    const plan = planned(desired().machine('ci', [], { key }), adopted('ci'));
    expect(told(plan.runnable)).toEqual(['AddMachineKey ci']);
  });

  it('is held beyond the number that the delegation has left, and goes on when there is room again', () => {
    const names = ['a', 'b', 'c'];
    const state = names.reduce((all, name) => all.machine(name), organization()).ours();
    const at = NOW - 6 * 24 * HOUR;
    const gains = (unprovenKeys: number | null, given: number) => ({
      budgets: { ...DEFAULT_GAIN_BUDGETS, unprovenKeys },
      given: [{ class: 'unprovenKeys', units: given, at }] as const,
    });
    const plan = planned(declared(...names), state.with({ gains: gains(3, 1) }));
    expect(told(plan.runnable)).toEqual(['AddMachineKey a', 'AddMachineKey b']);
    expect(held(plan)).toEqual([['NeedsApproval', ['AddMachineKey c']]]);
    expect(plan.wakeAt).toBe(at + 7 * 24 * HOUR);
    const byDefault = planned(declared(...names), state.with({ gains: gains(null, 8) }));
    expect(held(byDefault)).toEqual([['NeedsApproval', ['AddMachineKey c']]]);
  });

  it('that something vouches for takes no room from the others', () => {
    const key = { ...newKey('a'), proof: 'signature' };
    const state = organization().machine('a').machine('b').ours();
    const gains = { budgets: { ...DEFAULT_GAIN_BUDGETS, unprovenKeys: 1 }, given: [] };
    const plan = planned(
      desired()
        .machine('a', [], { key })
        .machine('b', [], { key: newKey('b') }),
      state.with({ gains }),
    );
    expect(told(plan.runnable)).toEqual(['AddMachineKey a', 'AddMachineKey b']);
  });
});
