import { describe, expect, it } from 'vitest';
import { desired, RAILS, settled } from '#test/builders/desired.ts';
import { NOW, organization, VAULT_ID } from '#test/builders/organization.ts';
import { held, planned, told } from '#test/builders/planned.ts';

const ANN = 'ann@acme.example';
const BOB = 'bob@acme.example';
const naming = (...members: string[]) => ({ approvers: { users: [], groups: [], members } });

/** Ann and Bob joined, and these rails were applied. */
function ruled(members: readonly string[], bob: 'Active' | 'Suspended' = 'Active') {
  const state = organization().member(ANN).member(BOB, { state: bob }).ours();
  return state.with(settled(state.build(), { ...RAILS, ...naming(...members) }));
}
const everybody = () => desired().member(ANN).member(BOB);
const BY_OWNER = 'as its owner (no PlanApproval names approvers)';
const SETTINGS = `ApplySettings ${VAULT_ID}`;

describe('members who approve in the vault, in a plan', () => {
  it.each([
    ['named', [], [ANN], BY_OWNER],
    ['named beside another', [ANN], [ANN, BOB], BY_OWNER],
    ['taken off', [ANN, BOB], [ANN], '(no PlanApproval names approvers)'],
    ['another', [ANN], [BOB], BY_OWNER],
  ])('are %s by approval alone (rail 2)', (_, before, after, way) => {
    const plan = planned(everybody().rails(naming(...after)), ruled(before));
    expect(told(plan.runnable)).toEqual([]);
    expect(held(plan)).toEqual([['SettingsLoosened', [SETTINGS]]]);
    expect(plan.held[0]?.message).toContain('The rails become looser: approvers.');
    expect(plan.held[0]?.next).toContain(
      `Or let it happen, signed in to the vault ${way}: seneschal approve ${plan.digest}`,
    );
  });

  it('are named by approval alone by a first commit too, and its other rails wait with them', () => {
    const plan = planned(desired().rails(naming(ANN)), organization());
    expect(plan.runnable).toEqual([]);
    expect(plan.held.map(({ reason }) => reason)).toEqual(['SettingsLoosened']);
  });

  const by = { approver: 'ann', reference: 'apr_1', reason: 'test', expiresAt: NOW + 1 };

  it.each([
    ['the owner, in the vault', { via: 'Vault', byOwner: true }, [SETTINGS], [SETTINGS]],
    ['another approver, in the vault', { via: 'Vault', byOwner: false }, [], [SETTINGS]],
    ['a PlanApproval', { via: 'PlanApproval' }, [], []],
  ] as const)(
    'are added by the owner, and taken off by any approval in the vault: %s',
    (_, how, adds, takes) => {
      for (const [before, after, runs] of [
        [[ANN], [ANN, BOB], adds],
        [[ANN, BOB], [ANN], takes],
      ] as const) {
        const declared = everybody().rails(naming(...after));
        const digest = planned(declared, ruled(before)).digest ?? '';
        const approvals = [{ ...by, ...how, digest }];
        expect(told(planned(declared, ruled(before), { approvals }).runnable)).toEqual(runs);
      }
    },
  );

  it('are added by the approval of the owner, where another approver gave one of the same plan first', () => {
    const declared = everybody().rails(naming(ANN, BOB));
    const digest = planned(declared, ruled([ANN])).digest ?? '';
    const approvals = [false, true].map((byOwner) => ({ ...by, digest, byOwner, via: 'Vault' as const }));
    expect(told(planned(declared, ruled([ANN]), { approvals }).runnable)).toEqual([SETTINGS]);
  });

  it('stay, the last of them who is active: neither removed nor suspended (rail 3)', () => {
    const removed = planned(desired().rails(naming(ANN, BOB)).member(BOB), ruled([ANN, BOB], 'Suspended'));
    expect(held(removed)).toEqual([['Floor', [`RemoveMember ${ANN}`]]]);
    expect(removed.held[0]?.message).toContain(`${ANN} is the last approver besides the owner`);
    expect(removed.held[0]?.digest).toBeNull();
    const suspended = desired().rails(naming(ANN)).member(ANN, { state: 'Suspended' }).member(BOB);
    expect(held(planned(suspended, ruled([ANN])))).toEqual([['Floor', [`SuspendMember ${ANN}`]]]);
  });

  it('leave but for one where all of them are taken away at once (rail 3)', () => {
    const plan = planned(desired().rails(naming(ANN, BOB)).member('c@acme.example'), ruled([ANN, BOB]));
    const floor = plan.held.find(({ reason }) => reason === 'Floor');
    expect(told(floor?.steps ?? [])).toHaveLength(1);
  });
});
