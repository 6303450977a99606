import { describe, expect, test } from 'vitest';
import { runPass } from '#engine/pass.ts';
import type { PassInput } from '#engine/pass-types.ts';
import type { OrganizationState } from '#model/organization.ts';
import type { Desired } from '#planning/plan-types.ts';
import type { StepAnswer } from '#protocol/management.ts';
import { ProviderError } from '#provider/provider.ts';
import { desired } from '#test/builders/desired.ts';
import { heldLease } from '#test/builders/lease.ts';
import { NOW, organization } from '#test/builders/organization.ts';
import { memoryPass } from '#test/fakes/memory-pass.ts';
import type { MemoryVault } from '#test/fakes/memory-vault.ts';

const BOB = 'bob@acme.example';
const ANN = 'ann@acme.example';
const suspended = { state: 'Suspended' } as const;

const setUp = (state: OrganizationState, declared: Desired, fields: Partial<PassInput> = {}) =>
  memoryPass(state, declared, { settle: true, ...fields });

const team = organization().member(ANN).member(BOB).ours().build();
const stateOf = (vault: MemoryVault, email: string) =>
  vault.state.members.find((member) => member.email === email)?.state;

describe('whom Git says to suspend (M1)', () => {
  test('goes first, in a request of their own, and the rest of the pass after it', async () => {
    const { vault, input } = setUp(team, desired().member(ANN).member(BOB, suspended).project('web').build());
    const result = await runPass(input);
    expect(vault.calls.slice(0, 4)).toEqual(['observe', 'lease', 'execute 1', 'observe']);
    expect(vault.requests.map(({ action }) => action.kind)[0]).toBe('SuspendMember');
    expect(vault.calls.filter((call) => call.startsWith('reserve'))).toEqual([]);
    expect(result.plan.steps).toEqual([]);
    expect(stateOf(vault, BOB)).toBe('Suspended');
  });

  test('costs no request where nobody is to be suspended, nor where all are', async () => {
    const { vault, input } = setUp(team, desired().member(ANN).member(BOB, suspended).build());
    const { observation } = await runPass(input);
    vault.calls.length = 0;
    await runPass({ ...input, known: observation.snapshot });
    expect(vault.calls).toEqual(['observe']);
  });

  test('is suspended though the rest of the plan cannot be made', async () => {
    const declared = desired().member(ANN).member(BOB, suspended).project('half of a pair: \ud800').build();
    const { vault, input } = setUp(team, declared);
    await expect(runPass(input)).rejects.toThrow('surrogate');
    expect(stateOf(vault, BOB)).toBe('Suspended');
  });

  test.each([
    ['sightings', 'sightings 1'],
    ['holds', 'holds people 1'],
    ['a reservation', 'reserve people'],
    ['the other steps', 'execute 2'],
  ])('is suspended though %s fail', async (what, call) => {
    const uids = {
      Organization: 'u',
      Member: 'u',
      Group: 'u',
      PermissionTemplate: 'u',
      Project: 'u',
      MachineBinding: 'u',
    };
    const carl = 'carl@acme.example';
    const state = organization().member(ANN).member(BOB).member(carl).ours().build();
    const ledger = [{ class: 'people', units: 2, at: NOW, stepHash: 'x', approved: false }] as const;
    const held = what === 'holds' ? { ...state, ledger } : state;
    const builder = desired().member(ANN).member(BOB, suspended).member('new@acme.example');
    const declared = (what === 'sightings' ? builder.with({ seenUnder: { acme: uids } }) : builder).build();
    const members = declared.members.map((member) => ({
      ...member,
      source: { ...member.source, seenUnder: 'u' },
    }));
    const { vault, input } = setUp(held, what === 'sightings' ? { ...declared, members } : declared, {
      settle: false,
    });
    vault.faults.set(
      call,
      new ProviderError({ class: 'Transient', code: 'VaultError', publicMessage: 'no' }),
    );
    await expect(runPass(input)).rejects.toThrow('no');
    expect(stateOf(vault, BOB)).toBe('Suspended');
  });

  test('does not wait until losses are confirmed by a fresh read (rail 1)', async () => {
    const { vault, input } = setUp(team, desired().member(ANN).member(BOB, suspended).build(), {
      confirmLosses: async () => false,
    });
    await runPass(input);
    expect(stateOf(vault, BOB)).toBe('Suspended');
  });

  test('is suspended though another of them is refused', async () => {
    const { vault, input } = setUp(team, desired().member(ANN, suspended).member(BOB, suspended).build());
    const refusal: StepAnswer = {
      status: 'Refused',
      code: 'Unreadable',
      message: 'action.key',
      next: 'mend',
    };
    vault.bend = ({ action }) => (action.key === ANN ? refusal : undefined);
    const result = await runPass(input);
    expect([stateOf(vault, ANN), stateOf(vault, BOB)]).toEqual(['Active', 'Suspended']);
    expect([...result.answers.values()]).toContainEqual(refusal);
    expect(vault.requests.filter(({ action }) => action.key === ANN)).toHaveLength(1);
  });

  test('is held by the plan where the vault counts more than the budget holds (rail 1)', async () => {
    const { vault, input } = setUp(team, desired().member(ANN, suspended).member(BOB, suspended).build());
    vault.bend = ({ action }) =>
      action.key === BOB
        ? { status: 'Refused', code: 'OverBudget', message: 'too many', next: 'approve' }
        : undefined;
    const ledger = Array.from(
      { length: 10 },
      (_, at) => ({ class: 'suspensions', units: 1, at: NOW, stepHash: `${at}`, approved: false }) as const,
    );
    vault.before = (call) => {
      if (call === 'observe' && vault.requests.length > 0 && vault.state.ledger.length < 10)
        vault.moved({ ...vault.state, ledger });
    };
    const result = await runPass(input);
    expect(result.plan.held).toMatchObject([{ reason: 'LossBudget', steps: [{ action: { key: BOB } }] }]);
  });

  test('is suspended in a frozen vault, which takes nothing else (rail 12)', async () => {
    const { vault, input } = setUp(team, desired().member(ANN).member(BOB, suspended).project('web').build());
    vault.freeze = { by: 'ann', reason: 'incident', at: NOW, all: false };
    const result = await runPass(input);
    expect(vault.calls).toEqual(['observe', 'lease', 'execute 1', 'observe']);
    expect(vault.requests.map(({ action }) => action.kind)).toEqual(['SuspendMember']);
    expect(stateOf(vault, BOB)).toBe('Suspended');
    expect(result.plan.held).toMatchObject([{ reason: 'Frozen' }]);
    expect(result.unfinished).toBe(false);
    vault.calls.length = 0;
    await runPass({ ...input, known: result.observation.snapshot });
    expect(vault.calls).toEqual(['observe']);
  });

  test('is suspended in a frozen vault beyond the budget once that is approved (rails 1 and 12)', async () => {
    const ledger = Array.from(
      { length: 5 },
      (_, at) => ({ class: 'suspensions', units: 1, at: NOW, stepHash: `${at}`, approved: false }) as const,
    );
    const declared = desired().member(ANN).member(BOB, suspended).project('web').build();
    const { vault, input } = setUp({ ...team, ledger }, declared);
    vault.freeze = { by: 'ann', reason: 'incident', at: NOW, all: false };
    const first = await runPass(input);
    expect(vault.requests).toEqual([]);
    const approval = {
      ...{ byOwner: true, id: 'apr_1', digest: first.plan.digest ?? '', approver: 'ann', reason: 'seen' },
      ...{ at: NOW, expiresAt: NOW + 1000 },
    };
    vault.moved({ ...vault.state, approvals: [approval] });
    vault.calls.length = 0;
    await runPass(input);
    expect(vault.calls).toContain('reserve suspensions');
    expect(vault.requests.map(({ action }) => action.kind)).toEqual(['SuspendMember']);
    expect(stateOf(vault, BOB)).toBe('Suspended');
  });

  test.each([
    [
      'everything is frozen (rail 12)',
      (vault: MemoryVault) => {
        vault.freeze = { by: 'ann', reason: 'incident', at: NOW, all: true };
      },
    ],
    [
      'another manager holds the lease (rail 10)',
      (vault: MemoryVault) => {
        vault.lease = heldLease({ manager: 'other' });
      },
    ],
  ])('is left alone while %s', async (_, change) => {
    const { vault, input } = setUp(team, desired().member(ANN).member(BOB, suspended).build());
    change(vault);
    await runPass(input);
    expect(stateOf(vault, BOB)).toBe('Active');
  });

  test('is left alone in a vault that was rolled back (A3)', async () => {
    const { vault, input } = setUp(team, desired().member(ANN).member(BOB, suspended).build());
    const anchor = { ...vault.head, sequence: 7, hash: 'f'.repeat(64) };
    const result = await runPass({ ...input, anchor });
    expect(result.observeOnly).toBe('VaultRolledBack');
    expect(stateOf(vault, BOB)).toBe('Active');
  });

  test('is not suspended by a reviewed plan that does not say so', async () => {
    const { vault, input } = setUp(team, desired().member(ANN).member(BOB, suspended).build());
    await runPass({ ...input, only: new Set() });
    expect(vault.requests).toEqual([]);
  });
});
