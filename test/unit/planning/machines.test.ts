import { describe, expect, it } from 'vitest';
import { desired } from '#test/builders/desired.ts';
import { HOUR, machineKey, NOW, organization } from '#test/builders/organization.ts';
import { planned, reasons, stepOf, told } from '#test/builders/planned.ts';

const ACCESS = [{ project: 'web', secrets: ['key', 'token'] }];
const web = () => organization().project('web', ['key', 'token']).ours();
const secrets = ['key', 'token'].map((name) => ({ name, generator: null }));
/** With the project that bindings read declared beside them. */
const declared = () => desired().project('web', { secrets });
const others = (state = web()) => state.machine('b').machine('c').machine('d');
const kept = () => desired().machine('b').machine('c').machine('d');

describe('machines', () => {
  it('are registered and then granted secrets one by one (H2)', () => {
    const plan = planned(declared().machine('ci', ACCESS), web());
    expect(told(plan.runnable)).toEqual(['RegisterMachine ci', 'SetMachineAccess ci']);
    expect(plan.steps.map(({ executor }) => executor)).not.toContain('operator');
  });

  it('are left to the operator while there is no key pair', () => {
    const { steps } = planned(declared().machine('ci', ACCESS, { key: null }), web());
    expect(steps.slice(-2).map(({ action, executor }) => [action.kind, executor])).toEqual([
      ['RegisterMachine', 'operator'],
      ['SetMachineAccess', 'operator'],
    ]);
  });

  it('are granted what there is; a missing secret waits alone', () => {
    const plan = planned(
      declared().machine('ci', [{ project: 'web', secrets: ['key', 'missing'] }]),
      web().machine('ci').ours(),
    );
    expect(stepOf(plan.steps, 'SetMachineAccess').action.after).toEqual({
      access: [{ project: 'web', secrets: ['key'] }],
    });
    expect(reasons(plan)).toContain('Waiting SecretNotFound ci');
  });

  it('keep what others granted, and lose what was ours and is declared no longer', () => {
    const state = web()
      .machine('ci', ACCESS)
      .record('MachineBinding', 'ci', { access: [{ project: 'web', secrets: ['key'] }] });
    const plan = planned(declared().machine('ci', [{ project: 'web', secrets: [] }]), state);
    expect(stepOf(plan.steps, 'SetMachineAccess').action.after).toEqual({
      access: [{ project: 'web', secrets: ['token'] }],
    });
  });

  it('get the key of the cluster into the free slot, and never a third', () => {
    const key = { fingerprint: 'fp-new', publicKey: 'public' };
    const one = planned(desired().machine('ci', [], { key }), organization().machine('ci').ours());
    expect(stepOf(one.steps, 'AddMachineKey').action).toMatchObject({
      before: { fingerprints: ['fp-ci'] },
      after: { fingerprint: 'fp-new' },
    });
    const keys = [machineKey('fp-a'), machineKey('fp-b')];
    const two = planned(
      desired().machine('ci', [], { key }),
      organization().machine('ci', [], { keys }).ours(),
    );
    expect(told(two.steps)).toEqual([]);
    expect(reasons(two)).toEqual(['Stalled RotationBlocked ci']);
  });

  it('of somebody else are not taken over by their name (rail 11)', () => {
    const key = { fingerprint: 'fp-ours', publicKey: 'public' };
    const plan = planned(desired().machine('ci', [], { key }), organization().machine('ci'));
    expect(told(plan.steps)).toEqual([]);
    expect(reasons(plan)).toEqual(['Stalled NotAdopted ci']);
  });

  it('of a suspended binding are left as they are', () => {
    const state = organization().machine('ci', ACCESS).ours();
    expect(told(planned(desired().machine('ci', [], { suspended: true }), state).steps)).toEqual([]);
  });

  it('that are declared no longer are disabled, and revoked 24 hours later', () => {
    const disabled = planned(kept().project('web'), others().machine('ci', ACCESS).ours());
    expect(told(disabled.runnable)).toContain('DisableMachine ci');
    expect(disabled.lossGroups.map((group) => group.class)).toEqual(['machines']);
    const since = (hours: number) =>
      planned(
        kept().project('web'),
        others()
          .machine('ci', ACCESS, { enabled: false, disabledAt: NOW - hours * HOUR })
          .ours(),
      );
    expect(told(since(23).runnable)).not.toContain('RevokeMachine ci');
    expect(since(23).wakeAt).toBe(NOW + HOUR);
    expect(told(since(24).runnable)).toContain('RevokeMachine ci');
    expect(stepOf(since(24).steps, 'RevokeMachine').consequence.loss).toEqual({
      class: 'machines',
      units: 0,
    });
  });

  it('are enabled again when they are declared again', () => {
    const state = organization()
      .machine('ci', [], { enabled: false, disabledAt: NOW - HOUR })
      .ours();
    expect(told(planned(desired().machine('ci'), state).runnable)).toEqual(['EnableMachine ci']);
  });

  it('are released where the binding said Orphan', () => {
    const state = others().machine('ci', ACCESS).ours();
    const { records } = state.build();
    state.with({ records: records.map((record) => ({ ...record, deletionPolicy: 'Orphan' })) });
    const declared = desired()
      .project('web')
      .machine('b', [], { deletionPolicy: 'Orphan' })
      .machine('c', [], { deletionPolicy: 'Orphan' })
      .machine('d', [], { deletionPolicy: 'Orphan' });
    expect(told(planned(declared, state).steps)).toContain('Release MachineBinding/ci');
  });
});
