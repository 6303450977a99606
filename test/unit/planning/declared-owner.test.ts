import { describe, expect, it } from 'vitest';
import { desired, RAILS, settled } from '#test/builders/desired.ts';
import { HOUR, NOW, OWNER, organization } from '#test/builders/organization.ts';
import { planned, told } from '#test/builders/planned.ts';

const ANN = 'ann@acme.example';
const there = (fields = {}) => {
  const state = organization().member(ANN, fields).ours();
  return state.with(settled(state.build()));
};
const owned = (owner: string | null) => {
  const builder = desired().member(ANN);
  const { organization: own } = builder.build();
  return builder.with({ organization: { ...own, fields: { ...own.fields, owner } } });
};
const saidOf = (owner: string | null, state = there()) =>
  planned(owned(owner), state).findings.filter(({ reason }) => reason === 'OwnershipDiffers');

describe('an owner whom Git declares (O3)', () => {
  it('is no step of automation: the present owner is told how to offer it', () => {
    const plan = planned(owned(ANN), there());
    expect(told(plan.steps)).toEqual([]);
    expect(saidOf(ANN)).toMatchObject([
      {
        severity: 'Info',
        message: `${ANN} is declared to own the organization, and ${OWNER} does.`,
        next: `${OWNER} offers it: seneschal vault organization offer-ownership ${ANN}`,
      },
    ]);
  });

  it('is nothing to tell where they own it, or nobody is declared to', () => {
    expect(saidOf(OWNER)).toEqual([]);
    expect(saidOf(null)).toEqual([]);
  });

  it('is an active member first, for good', () => {
    expect(saidOf('dan@acme.example')[0]?.next).toContain(
      'declare a Member with the e-mail dan@acme.example',
    );
    expect(saidOf(ANN, there({ invited: {} }))[0]?.next).toContain('goes to an active member');
    expect(saidOf(ANN, there({ expiresAt: NOW + HOUR }))[0]?.next).toContain(
      'Take the end of the membership',
    );
  });
});

describe('confirmation that Git declares (I4)', () => {
  const asking = (last: boolean) => {
    const state = there();
    const { plan } = state.build();
    state.with({ plan: { ...plan, noConfirmation: true } });
    const { records, settings } = organization()
      .with(settled(organization().build(), { ...RAILS, confirmation: last }))
      .build();
    const others = state.build().records.filter(({ kind }) => kind !== 'Organization');
    state.with({ settings, records: [...others, ...records] });
    return planned(desired().rails({ confirmation: true, settleSeconds: 60 }).member(ANN), state);
  };

  it('is left out of the rails, and told, on a tier that has none (P4)', () => {
    const plan = asking(false);
    expect(plan.findings).toMatchObject([{ reason: 'QuotaReached', severity: 'Stalled' }]);
    expect(plan.runnable[0]?.action.after).toMatchObject({ settleSeconds: 60, confirmation: false });
  });

  it('stays where it was asked for before', () => {
    const plan = asking(true);
    expect(plan.findings).toEqual([]);
    expect(plan.runnable[0]?.action.after).toMatchObject({ settleSeconds: 60, confirmation: true });
  });
});
