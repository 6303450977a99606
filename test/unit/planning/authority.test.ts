import { describe, expect, it } from 'vitest';
import { ADDITIVE, type Authority } from '#model/authority.ts';
import type { NamespaceAccess } from '#model/fields.ts';
import { plan } from '#planning/plan.ts';
import { desired, policy, RAILS, settled } from '#test/builders/desired.ts';
import { NOW, OWNER, organization } from '#test/builders/organization.ts';
import { approving, held, planned, reasons, stepOf, told } from '#test/builders/planned.ts';

const ANN = 'ann@acme.example';
const BOB = 'bob@acme.example';
const CAT = 'cat@acme.example';
const read = { project: 'web', access: 'Read' } as const;
const EXCLUSIVE: Authority = {
  ...{ members: 'Exclusive', groups: 'Exclusive', templates: 'Exclusive' },
  ...{ projects: 'Exclusive', machines: 'Exclusive' },
};
const exclusive = (...kinds: (keyof Authority)[]): Authority => ({
  ...ADDITIVE,
  ...Object.fromEntries(kinds.map((kind) => [kind, 'Exclusive'])),
});

type State = ReturnType<typeof organization>;
/** With that authority in force. */
const under = (authority: Authority, state: State): State =>
  state.with(settled(state.build(), { ...RAILS, authority }));
const declaring = (authority: Authority) => desired().rails({ authority });
/** Ann and Bob are ours; Cat was never. */
const there = () => organization().project('web').member(ANN).member(BOB).ours().member(CAT);
const declared = (authority: Authority) => declaring(authority).project('web').member(ANN).member(BOB);

describe('what is in the vault and nobody declares, where the authority is exclusive (rail 11)', () => {
  it('is told and left alone where it is additive, whatever it is of other kinds', () => {
    const authority = { ...EXCLUSIVE, members: 'Additive' } as const;
    const plan = planned(declared(authority), under(authority, there()));
    expect(told(plan.steps)).toEqual([]);
    expect(reasons(plan)).toContainEqual(expect.stringContaining('Foreign'));
  });

  it('goes as a loss of its class, and is foreign no more', () => {
    const plan = planned(declared(exclusive('members')), under(exclusive('members'), there()));
    expect(told(plan.runnable)).toEqual([`RemoveMember ${CAT}`]);
    expect(stepOf(plan.steps, 'RemoveMember').consequence.loss).toEqual({ class: 'people', units: 1 });
    expect(stepOf(plan.steps, 'RemoveMember').withdraws).toBe(true);
    expect(reasons(plan)).toEqual([]);
  });

  it('is shown and held while the authority waits for its approval, and the rest runs', () => {
    const declaration = declared(EXCLUSIVE).member('dan@acme.example');
    const state = under(ADDITIVE, there());
    const plan = planned(declaration, state);
    expect(told(plan.runnable)).toEqual(['InviteMember dan@acme.example']);
    expect(held(plan)).toEqual([
      ['SettingsLoosened', [expect.stringContaining('ApplySettings')]],
      ['MassAbsence', [`RemoveMember ${CAT}`]],
    ]);
  });

  it('is held still once the authority is in force by an approval of its own, until it is approved or declared', () => {
    const state = there().build();
    const declaration = declared(exclusive('members')).build();
    const before = plan(declaration, settled(state), policy(), NOW);
    expect(before.holds).toMatchObject([{ class: 'people' }]);
    const inForce = {
      ...settled(state, { ...RAILS, authority: exclusive('members') }),
      holds: before.holds,
    };
    const then = plan(declaration, inForce, policy(), NOW);
    expect(held(then)).toEqual([['LossBudget', [`RemoveMember ${CAT}`]]]);
    const approved = plan(declaration, inForce, policy(approving(then)), NOW);
    expect(told(approved.runnable)).toEqual([`RemoveMember ${CAT}`]);
    const kept = plan(declared(exclusive('members')).member(CAT).build(), inForce, policy(), NOW);
    expect(told(kept.runnable)).toEqual([`Claim Member/${CAT}`]);
  });

  it('is held where more of a kind was never declared than is', () => {
    const many = ['d', 'e'].reduce((state, name) => state.member(`${name}@acme.example`), there());
    const plan = planned(declared(exclusive('members')), under(exclusive('members'), many));
    expect(told(plan.runnable)).toEqual([]);
    expect(held(plan)).toMatchObject([
      ['MassAbsence', [`RemoveMember ${CAT}`, expect.anything(), expect.anything()]],
    ]);
  });

  it('is held where nothing is declared at all (rail 5)', () => {
    const state = organization().member(CAT);
    const plan = planned(declaring(exclusive('members')), under(exclusive('members'), state));
    expect(held(plan)).toEqual([['EmptySource', [`RemoveMember ${CAT}`]]]);
  });

  it('stays where a budget, the floor or a partial view holds it (rails 1, 3 and 6)', () => {
    const rails = { authority: exclusive('members') };
    const holding = { ...rails, losses: 'Hold' } as const;
    const reasonsOf = (declaration: ReturnType<typeof declared>, settings: object) => {
      const state = there();
      return held(planned(declaration, state.with(settled(state.build(), { ...RAILS, ...settings })))).map(
        ([reason]) => reason,
      );
    };
    expect(reasonsOf(declared(rails.authority).rails(holding), holding)).toEqual(['LossBudget']);
    const required = { ...rails, requiredAdmins: [CAT] };
    expect(reasonsOf(declared(rails.authority), required)).toEqual(['Floor', 'SettingsLoosened']);
    expect(reasonsOf(declared(rails.authority).with({ complete: false }), rails)).toEqual(['PartialView']);
  });

  it('stays where this run does not speak for every namespace that brings objects', () => {
    const entry: NamespaceAccess = {
      ...{ namespace: 'team', kinds: ['Member'], roles: ['Member'] },
      ...{ templates: [], cells: {}, projects: [] },
    };
    const rails = { authority: exclusive('members'), access: [entry] };
    const own = declared(rails.authority).rails(rails);
    const namespace = own.build().organization.source.namespace;
    const state = there();
    state.with(settled(state.build(), { ...RAILS, ...rails }));
    const speaking = (origins: readonly string[] | null) => told(planned(own.with({ origins }), state).steps);
    expect(speaking([namespace])).toEqual([]);
    expect(speaking([namespace, 'team'])).toEqual([`RemoveMember ${CAT}`]);
    expect(speaking(null)).toEqual([`RemoveMember ${CAT}`]);
  });

  it('stays where an object of that name cannot be read, or the record is another manager’s', () => {
    const authority = exclusive('members');
    const source = declared(authority).member(CAT).build().members[2]?.source;
    if (source === undefined) throw new Error('no source');
    const unread = declared(authority).with({ incomplete: [{ kind: 'Member', key: CAT, source }] });
    expect(told(planned(unread, under(authority, there())).steps)).toEqual([]);
    const others = there().record('Member', CAT, {}, { manager: 'other' });
    expect(told(planned(declared(authority), under(authority, others)).steps)).toEqual([]);
  });

  it('is an invite that is taken back, a group that gives something, and a template that nobody holds', () => {
    const state = there()
      .template('held', { Machines: ['View'] })
      .template('free', { Machines: ['View'] })
      .member('dan@acme.example', { invited: {}, template: 'held' })
      .group('ops', [ANN], [read])
      .group('Everyone', [OWNER]);
    const authority = { ...EXCLUSIVE, members: 'Additive' } as const;
    expect(told(planned(declared(authority), under(authority, state)).steps)).toEqual([
      'DeleteGroup ops',
      'DeleteTemplate free',
    ]);
    const invites = planned(declared(exclusive('members')), under(exclusive('members'), state));
    expect(told(invites.steps)).toContain('CancelInvite dan@acme.example');
  });

  it('is a machine that is disabled and never revoked, and a project without secrets by an approval each', () => {
    const state = organization().member(ANN).project('web').machine('api', []).ours();
    state.project('empty').project('full', ['token']).machine('ci', []);
    const whole = (authority: Authority) =>
      declaring(authority).project('web').member(ANN).machine('api', []);
    const authority = exclusive('machines', 'projects');
    const plan = planned(whole(authority), under(authority, state));
    expect(told(plan.steps)).toContain('DisableMachine ci');
    expect(told(plan.steps)).toContain('DeleteProject empty');
    expect(told(plan.steps)).not.toContain('DeleteProject full');
    expect(told(plan.runnable)).toContain('DisableMachine ci');
    expect(held(plan)).toEqual([['MassAbsence', ['DeleteProject empty']]]);
    const disabled = organization().machine('ci', [], { enabled: false, disabledAt: 0 });
    expect(told(planned(declaring(authority).member(ANN), under(authority, disabled)).steps)).not.toContain(
      'RevokeMachine ci',
    );
  });

  it('is a grant of somebody who is declared, and the rest of their access does not wait for it', () => {
    const given = () =>
      organization()
        .project('web')
        .project('api')
        .member(ANN, { grants: [read] })
        .ours();
    const state = () => {
      const { members, ...rest } = given().build();
      const grants = [{ project: 'api', access: 'Write' as const }, read];
      return organization().with({
        ...rest,
        members: members.map((one) => (one.email === ANN ? { ...one, grants } : one)),
      });
    };
    const own = (authority: Authority, grants: object) =>
      declaring(authority)
        .project('web')
        .project('api')
        .member(ANN, { grants: { ...grants } });
    const taken = planned(own(exclusive('members'), { web: 'Read' }), under(exclusive('members'), state()));
    expect(stepOf(taken.runnable, 'SetMemberAccess').action.after).toMatchObject({ grants: [read] });
    const waits = planned(own(exclusive('members'), { web: 'Write' }), under(ADDITIVE, state()));
    expect(stepOf(waits.runnable, 'SetMemberAccess').action.after).toMatchObject({
      grants: [{ project: 'api' }, { project: 'web', access: 'Write' }],
    });
    const alone = planned(own(exclusive('members'), { web: 'Read' }), under(ADDITIVE, state()));
    expect(held(alone)).toContainEqual(['MassAbsence', [`SetMemberAccess ${ANN}`]]);
  });
});

describe('raises where `privilegeApproval` is Exclusive (rail 2)', () => {
  it('wait for an approval where the authority over the kind of the step is exclusive', () => {
    const raising = (authority: Authority) => {
      const rails = { authority, privilegeApproval: 'Exclusive' } as const;
      const state = organization().member(ANN).ours();
      state.with(settled(state.build(), { ...RAILS, ...rails }));
      return held(planned(desired().rails(rails).member(ANN, { role: 'Admin' }), state));
    };
    expect(raising(exclusive('members'))).toEqual([['NeedsApproval', [`SetMemberAccess ${ANN}`]]]);
    expect(raising(exclusive('groups'))).toEqual([]);
  });
});
