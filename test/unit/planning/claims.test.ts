import { describe, expect, it } from 'vitest';
import type { OrganizationState } from '#model/organization.ts';
import { desired, entry, RAILS, settled } from '#test/builders/desired.ts';
import { organization } from '#test/builders/organization.ts';
import { held, planned, reasons, stepOf, told } from '#test/builders/planned.ts';

const BOB = 'bob@acme.example';
const ACCESS = [entry('other', ['Member'], { roles: ['Admin', 'Member'] })];

/** Namespace `other` may bring members, which was approved. */
const listing = () => desired().rails({ access: ACCESS });
const approved = (state: { build(): OrganizationState }) => ({
  build: () => settled(state.build(), { ...RAILS, access: ACCESS }),
});

describe('two objects that claim the same thing', () => {
  it('act for nobody without a record, and nothing is lost', () => {
    const declared = desired()
      .member(BOB, { role: 'Admin' })
      .member(BOB, { source: { name: 'bob-again' } });
    const plan = planned(declared, organization().member(BOB));
    expect(told(plan.steps)).toEqual([]);
    expect(plan.findings.map(({ source, reason }) => [source?.name, reason])).toEqual([
      ['bob', 'Conflict'],
      ['bob-again', 'Conflict'],
    ]);
  });

  it('leave the one at the record’s origin acting', () => {
    const declared = listing()
      .member(BOB, { role: 'Admin' })
      .member(BOB, { source: { namespace: 'other' } });
    const plan = planned(declared, approved(organization().member(BOB).ours()));
    expect(told(plan.steps)).toEqual([`SetMemberAccess ${BOB}`]);
    expect(reasons(plan)).toEqual([`Stalled Conflict ${BOB}`]);
    expect(plan.findings[0]?.source?.namespace).toBe('other');
  });

  it('leave the one of the Organization’s namespace acting where there is no record: a tenant holds up nothing there', () => {
    const declared = listing()
      .member(BOB, { role: 'Admin' })
      .member(BOB, { source: { namespace: 'other' } });
    const state = organization().member(BOB, { role: 'Admin' });
    for (const there of [organization(), state]) {
      const plan = planned(declared, approved(there));
      const at = plan.findings.filter(({ reason }) => ['Conflict', 'NotAllowed'].includes(reason));
      expect(at.map(({ source }) => source?.namespace)).toEqual(['other']);
      expect(plan.steps.map(({ source }) => source?.namespace)).toEqual(['acme']);
    }
  });

  it('do so too where the record is of grants of Project objects alone, or of an origin that declares it no longer', () => {
    const records = [
      { applied: { member: null, grants: [] }, origin: 'other' },
      { applied: { member: { role: 'Member' }, grants: [] }, origin: 'gone' },
    ];
    for (const { applied, origin } of records) {
      const state = organization().member(BOB).record('Member', BOB, applied, { origin });
      const declared = listing()
        .member(BOB)
        .member(BOB, { source: { namespace: 'other' } })
        .with({ origins: null });
      const plan = planned(declared, approved(state));
      expect(plan.steps.map(({ source }) => source?.namespace)).toEqual(['acme']);
    }
  });

  it('are told of each other by name in one namespace, and by the namespace alone from another', () => {
    const declared = listing()
      .member(BOB)
      .member(BOB, { source: { name: 'bob-again' } })
      .member(BOB, { source: { namespace: 'other' } });
    const { findings } = planned(declared, approved(organization()));
    expect(findings.map(({ message }) => message)).toEqual([
      `${BOB} is also declared by Member acme/bob-again, Member other/bob.`,
      `${BOB} is also declared by Member acme/bob, Member other/bob.`,
      `${BOB} is also declared by namespace acme.`,
    ]);
  });

  it('act for nobody where one of them cannot be read, and the other says so', () => {
    const unread = desired()
      .member(BOB)
      .build()
      .members.map(({ source }) => ({ kind: 'Member' as const, key: BOB, source }));
    const declared = listing()
      .member(BOB, { source: { namespace: 'other' } })
      .with({ incomplete: unread });
    for (const state of [organization(), organization().member(BOB, { role: 'Admin' }).ours()]) {
      const plan = planned(declared, approved(state));
      expect(told(plan.steps)).toEqual([]);
      expect(plan.findings.map(({ reason, message }) => [reason, message])).toEqual([
        ['Conflict', `${BOB} is also declared by namespace acme.`],
      ]);
    }
  });

  it('act for nobody where both are at the origin, and the person is not removed', () => {
    const declared = desired()
      .member(BOB)
      .member(BOB, { source: { name: 'bob-again' } });
    expect(told(planned(declared, organization().member(BOB).ours()).steps)).toEqual([]);
  });
});

describe('records', () => {
  it('of another manager are left alone, and a claim on them is Stalled', () => {
    const state = organization()
      .member(BOB, { role: 'Admin' })
      .record('Member', BOB, { member: null, grants: [] }, { manager: 'else/where' });
    const plan = planned(desired().member(BOB), state);
    expect(told(plan.steps)).toEqual([]);
    expect(reasons(plan)).toEqual([`Stalled Conflict ${BOB}`]);
    expect(told(planned(desired(), state).steps)).toEqual([]);
  });

  it('of other origins are left alone by a run that does not speak for them', () => {
    const { records } = organization().member(BOB).ours().build();
    const state = organization()
      .member(BOB)
      .with({ records: records.map((r) => ({ ...r, origin: 'other' })) });
    expect(told(planned(desired(), state).steps)).toEqual([]);
  });

  it('follow an object that moves to another namespace by an approval, so that a gain is no step of its own then (rail 2)', () => {
    const state = organization().member(BOB).ours();
    const declared = listing().member(BOB, { source: { namespace: 'other' } });
    const plan = planned(declared, approved(state));
    expect(held(plan)).toEqual([['NeedsApproval', [`Claim Member/${BOB}`]]]);
    expect(stepOf(plan.steps, 'Claim').record?.origin).toBe('other');
  });

  it('are not taken over from another namespace with a gain without approval (rail 2)', () => {
    const declared = listing().member(BOB, { role: 'Admin', source: { namespace: 'other' } });
    const plan = planned(declared, approved(organization().member(BOB).ours()));
    expect(told(plan.runnable)).toEqual([]);
    expect(held(plan)).toEqual([['NeedsApproval', [`SetMemberAccess ${BOB}`]]]);
  });

  it('are marked as seen under the present UIDs, beside the steps', () => {
    const under = { seenUnder: 'org/ns/crd' };
    const state = organization().member(BOB).ours();
    const plan = planned(desired().member(BOB, { source: under }), state);
    expect(told(plan.steps)).toEqual([]);
    expect(plan.sightings).toEqual([{ kind: 'Member', key: BOB, ...under }]);
    expect(planned(desired().member(BOB), state).sightings).toEqual([]);
  });
});
