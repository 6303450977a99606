import { describe, expect, it } from 'vitest';
import { ADDITIVE } from '#model/authority.ts';
import type { RailSettings } from '#model/fields.ts';
import { DEFAULT_RAILS, loosened } from '#model/loosened.ts';
import { DEFAULT_BUDGETS } from '#model/loss.ts';
import { desired, RAILS, settled } from '#test/builders/desired.ts';
import { organization, VAULT_ID } from '#test/builders/organization.ts';
import { held, planned, stepOf, told } from '#test/builders/planned.ts';

const applied = (rails = RAILS) => organization().with(settled(organization().build(), rails));

describe('the rails of an Organization', () => {
  it('are looser where invites are open longer, sent more often, or more leave in an hour (rail 8)', () => {
    const tight = { ...RAILS, invites: { validForSeconds: 7200, maxAttempts: 2, perHour: 5 } };
    const looser = (invites: Partial<RailSettings['invites']>) =>
      loosened(tight, { ...tight, invites: { ...tight.invites, ...invites } });
    for (const more of [{ validForSeconds: 7201 }, { maxAttempts: 3 }, { perHour: 6 }, { perHour: null }])
      expect(looser(more)).toEqual(['invites']);
    expect(looser({ validForSeconds: 3600, maxAttempts: 1, perHour: 1 })).toEqual([]);
  });

  it('are looser where a kind becomes exclusive, or raises of a kind wait no more (rails 2 and 11)', () => {
    const exclusive = { ...ADDITIVE, members: 'Exclusive' } as const;
    expect(loosened(RAILS, { ...RAILS, authority: exclusive })).toEqual(['authority']);
    expect(loosened({ ...RAILS, authority: exclusive }, RAILS)).toEqual([]);
    const own = { ...RAILS, authority: exclusive, privilegeApproval: 'Exclusive' } as const;
    expect(loosened({ ...own, privilegeApproval: 'Always' }, own)).toEqual(['privilegeApproval']);
    expect(loosened(own, { ...own, authority: ADDITIVE })).toEqual(['privilegeApproval']);
    expect(loosened(own, { ...own, privilegeApproval: 'Always' })).toEqual([]);
  });

  it('are applied the first time without approval', () => {
    const { runnable } = planned(desired(), organization());
    expect(runnable.map(({ action }) => action)).toEqual([
      { kind: 'ApplySettings', key: VAULT_ID, before: null, after: RAILS },
    ]);
  });

  it('are tightened at once', () => {
    const plan = planned(desired().rails({ settleSeconds: 60 }), applied());
    expect(told(plan.runnable)).toEqual([`ApplySettings ${VAULT_ID}`]);
  });

  it('are loosened only by approval of that very change', () => {
    const declared = desired().rails({ settleSeconds: 0 });
    const plan = planned(declared, applied());
    expect(told(plan.runnable)).toEqual([]);
    expect(held(plan)).toEqual([['SettingsLoosened', [`ApplySettings ${VAULT_ID}`]]]);
    const approval = {
      digest: plan.digest ?? '',
      approver: 'alice',
      via: 'Vault',
      reference: 'apr_1',
      reason: 'demo',
      expiresAt: Number.MAX_SAFE_INTEGER,
    } as const;
    expect(told(planned(declared, applied(), { approvals: [approval] }).runnable)).toEqual([
      `ApplySettings ${VAULT_ID}`,
    ]);
  });

  it('judge the rest of the plan too where they are tightened, because they run first', () => {
    const names = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}@acme.example`);
    const state = names.reduce((some, email) => some.member(email), organization()).ours();
    state.with(settled(state.build()));
    const tighter = { ...DEFAULT_BUDGETS, people: { min: 1, max: 1, percent: 0 } };
    const [, , ...rest] = names;
    const plan = planned(
      rest.reduce((some, email) => some.member(email), desired().rails({ lossBudget: tighter })),
      state,
    );
    expect(told(plan.runnable)).toEqual([`ApplySettings ${VAULT_ID}`]);
    expect(held(plan).map(([reason]) => reason)).toEqual(['LossBudget']);
  });

  it('judge the pass by the values last applied, not by the looser ones of the same commit', () => {
    const state = organization()
      .member('a@acme.example')
      .member('b@acme.example')
      .member('c@acme.example')
      .member('d@acme.example')
      .member('e@acme.example')
      .member('f@acme.example')
      .member('g@acme.example')
      .ours();
    state.with(settled(state.build()));
    const budgets = { ...DEFAULT_BUDGETS, people: { min: 100, max: 100, percent: 100 } };
    const declared = desired().rails({ lossBudget: budgets });
    for (const name of ['d', 'e', 'f', 'g']) declared.member(`${name}@acme.example`);
    expect(held(planned(declared, state)).map(([reason]) => reason)).toEqual([
      'SettingsLoosened',
      'LossBudget',
    ]);
  });

  it.each<[string, Partial<RailSettings>]>([
    ['settle', { settleSeconds: 1 }],
    ['lossBudget.people', { lossBudget: { ...DEFAULT_BUDGETS, people: { min: 2, max: null, percent: 5 } } }],
    [
      'lossBudget.machines',
      { lossBudget: { ...DEFAULT_BUDGETS, machines: { min: 11, max: null, percent: 20 } } },
    ],
    ['losses', { losses: 'Budget' }],
    ['requiredAdmins', { requiredAdmins: [] }],
    ['approvers', { approvers: { users: ['alice', 'mallory'], groups: [], members: [] } }],
    ['approvers', { approvers: { users: ['alice'], groups: ['everyone'], members: [] } }],
  ])('count as loosened: %s', (field, rails) => {
    const before: RailSettings = { ...RAILS, losses: 'Hold', requiredAdmins: ['a@acme.example'] };
    expect(loosened(before, { ...before, ...rails })).toEqual([field]);
  });
});

describe('an Organization whose record is gone while its rails are in force', () => {
  const lost = (rails = RAILS) => {
    const state = applied(rails).build();
    return organization().with({ ...state, records: [] });
  };

  it('is claimed anew where they are as declared, which changes nothing', () => {
    const { runnable, steps } = planned(desired(), lost());
    expect(told(runnable)).toEqual([`Claim Organization/${VAULT_ID}`]);
    expect(steps[0]?.record?.applied).toEqual({ displayName: null, rails: RAILS });
  });

  it('changes from what the vault says is in force, which is what it compares with', () => {
    const { runnable } = planned(desired().rails({ settleSeconds: 60 }), lost());
    expect(runnable.map(({ action }) => action)).toEqual([
      { kind: 'ApplySettings', key: VAULT_ID, before: RAILS, after: { ...RAILS, settleSeconds: 60 } },
    ]);
    const looser = planned(desired().rails({ settleSeconds: 0 }), lost());
    expect(held(looser).map(([reason]) => reason)).toEqual(['SettingsLoosened']);
  });
});

describe('the name of an Organization', () => {
  it('is changed where it is declared and differs, and keeps the rails last applied', () => {
    const plan = planned(desired().displayName('Acme Ltd').rails({ settleSeconds: 0 }), applied());
    expect(told(plan.runnable)).toEqual([`RenameOrganization ${VAULT_ID}`]);
    expect(stepOf(plan.steps, 'RenameOrganization').record?.applied).toEqual({
      displayName: 'Acme Ltd',
      rails: RAILS,
    });
  });

  it('are left alone by an identity that is bounded to projects, and named where they differ (V4)', () => {
    const bounded = organization().with({ bounded: true });
    const differing = planned(desired().rails({ settleSeconds: 60 }), bounded);
    expect([told(differing.steps), differing.findings]).toEqual([
      [],
      [
        expect.objectContaining({
          reason: 'NotDelegated',
          severity: 'Stalled',
          message: expect.stringContaining('settleSeconds'),
        }),
      ],
    ]);
    const same = planned(desired().rails(DEFAULT_RAILS), bounded);
    expect([told(same.steps), same.findings]).toEqual([[], []]);
  });
});
