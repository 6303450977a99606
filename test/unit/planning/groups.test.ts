import { describe, expect, it } from 'vitest';
import { declaring, desired } from '#test/builders/desired.ts';
import { organization } from '#test/builders/organization.ts';
import { held, planned, reasons, stepOf, told } from '#test/builders/planned.ts';

const ANN = 'ann@acme.example';
const BOB = 'bob@acme.example';
const CAT = 'cat@acme.example';
const read = { project: 'web', access: 'Read' } as const;
const write = { project: 'web', access: 'Write' } as const;
const group = (members: readonly string[], grants: readonly object[] = []) => ({
  group: { description: '' },
  members,
  grants,
});
const there = () => organization().project('web').member(ANN).member(BOB);
const declared = () => desired().project('web').member(ANN).member(BOB);

describe('a group', () => {
  it('is made with whom it lists of the organization, and what it gives', () => {
    const { steps, findings } = planned(
      declared().group('ops', [ANN, BOB], { description: 'on call', grants: { web: 'Read' } }),
      there().ours(),
    );
    expect(findings).toEqual([]);
    const step = stepOf(steps, 'CreateGroup', 'ops');
    expect(step.action.after).toEqual({ description: 'on call', members: [ANN, BOB], grants: [read] });
    expect(step.record?.applied).toEqual({
      ...group([ANN, BOB], [read]),
      group: { description: 'on call' },
    });
    expect(step.consequence.changes.map(({ who, gained }) => [who, gained])).toEqual([
      [ANN, ['Projects: View in web', 'Secrets: View in web']],
      [BOB, ['Projects: View in web', 'Secrets: View in web']],
    ]);
  });

  it('names in a change those alone who come and go, so that the decision outlasts who else does', () => {
    const state = there().member(CAT).group('ops', [ANN, BOB], [read]).ours();
    const { steps } = planned(
      declared()
        .member(CAT)
        .group('ops', [ANN, CAT], { grants: { web: 'Read' } }),
      state,
    );
    expect(stepOf(steps, 'UpdateGroup').action).toMatchObject({
      before: { description: '', members: [BOB], grants: [read] },
      after: { description: '', members: [CAT], grants: [read] },
    });
    expect(stepOf(steps, 'UpdateGroup').consequence).toMatchObject({
      loss: { class: 'access', units: 1 },
      gain: true,
    });
  });

  it('is compared by e-mails without case, and is left alone where it is as declared', () => {
    const state = there().group('ops', [ANN], [read]).ours();
    expect(told(planned(declared().group('ops', [ANN], { grants: { web: 'Read' } }), state).steps)).toEqual(
      [],
    );
  });

  it('goes with what it gave once nobody declares it, and its loss is of each person', () => {
    const state = there().member(CAT).group('ops', [ANN, BOB], [read]).group('qa', [CAT]).ours();
    const { steps } = planned(declared().member(CAT).group('qa', [CAT]), state);
    expect(stepOf(steps, 'DeleteGroup').action).toMatchObject({
      key: 'ops',
      before: { description: '', grants: [read] },
    });
    expect(stepOf(steps, 'DeleteGroup').consequence.loss).toEqual({ class: 'access', units: 2 });
  });

  it('lists an invitee by a step of their own that follows the invite, so that a bad invite keeps nobody else (G2)', () => {
    const { runnable } = planned(declared().member(CAT).group('ops', [ANN, CAT]), there().ours());
    expect(told(runnable)).toEqual(['CreateGroup ops', `InviteMember ${CAT}`, 'UpdateGroup ops']);
    expect(stepOf(runnable, 'UpdateGroup').action.after).toMatchObject({ members: [CAT] });
    const invited = there().member(CAT, { invited: {} }).ours();
    const then = planned(declared().member(CAT).group('ops', [ANN, CAT]), invited);
    expect(stepOf(then.steps, 'UpdateGroup').hash).toBe(stepOf(runnable, 'UpdateGroup').hash);
  });

  it('does not list whose invite waits for an approval, and says what the step follows', () => {
    const plan = planned(
      declared()
        .member(CAT, { role: 'Admin' })
        .group('ops', [ANN, CAT], { grants: { web: 'Read' } }),
      there().ours(),
    );
    expect(told(plan.runnable)).toEqual(['CreateGroup ops']);
    expect(held(plan)).toEqual([['NeedsApproval', [`InviteMember ${CAT}`]]]);
    expect(told(plan.steps)).toContain('UpdateGroup ops');
  });

  it('leaves out who is neither in the organization nor invited, and does the rest', () => {
    const plan = planned(declared().group('ops', [ANN, 'nobody@acme.example']), there().ours());
    expect(stepOf(plan.runnable, 'CreateGroup').action.after).toMatchObject({ members: [ANN] });
    expect(reasons(plan)).toEqual(['Waiting MemberNotFound ops']);
  });

  it('is one matter with who leaves the organization: they are taken off no list by a step, and counted once (M2)', () => {
    const state = there().group('ops', [ANN, BOB], [read]).ours();
    const { steps } = planned(
      desired()
        .project('web')
        .member(ANN)
        .group('ops', [ANN], { grants: { web: 'Read' } }),
      state,
    );
    expect(told(steps)).toEqual([`RemoveMember ${BOB}`]);
    const gone = organization().project('web').member(ANN).group('ops', [ANN], [read]);
    gone.record('Group', 'ops', group([ANN, BOB], [read])).ours();
    const after = desired()
      .project('web')
      .member(ANN)
      .group('ops', [ANN], { grants: { web: 'Read' } });
    expect(told(planned(after, gone).steps)).toEqual([]);
  });

  it('gives by a Project object what it gives by its own: one grant, withdrawn with the last declaration (G1)', () => {
    const state = there().group('ops', [ANN], [write]).ours();
    const twice = declared().group('ops', [ANN], { grants: { web: 'Write' } });
    const { projects } = twice.build();
    const both = twice.with({
      projects: projects.map((one) => ({ ...one, groupGrants: [{ group: 'ops', access: 'Read' as const }] })),
    });
    expect(told(planned(both, state).steps)).toEqual([]);
    const one = desired()
      .project('web', { groupGrants: { ops: 'Read' } })
      .member(ANN)
      .member(BOB)
      .group('ops', [ANN]);
    expect(stepOf(planned(one, state).steps, 'UpdateGroup').action.after).toMatchObject({ grants: [read] });
    const none = declared().group('ops', [ANN]);
    expect(stepOf(planned(none, state).steps, 'UpdateGroup').action.after).toMatchObject({ grants: [] });
  });

  it('that only a Project names keeps its members, and is recorded by its grant alone', () => {
    const state = there().group('ops', [ANN]);
    const plan = planned(
      desired()
        .project('web', { groupGrants: { ops: 'Read' } })
        .member(ANN)
        .member(BOB),
      state,
    );
    const step = stepOf(plan.steps, 'UpdateGroup');
    expect(step.action.after).toEqual({ description: '', members: [], grants: [read] });
    expect(step.record?.applied).toEqual({ group: null, members: [], grants: [read] });
    expect(
      reasons(planned(desired().project('web', { groupGrants: { none: 'Read' } }), organization())),
    ).toEqual(['Waiting GroupNotFound none']);
  });

  it('moves a person from a direct grant without a loss: it gives before the rest is taken', () => {
    const state = there()
      .member(CAT, { grants: [read] })
      .ours();
    const { steps, runnable } = planned(
      declared()
        .member(CAT)
        .group('ops', [CAT], { grants: { web: 'Read' } }),
      state,
    );
    expect(told(runnable)).toEqual(['CreateGroup ops', `SetMemberAccess ${CAT}`]);
    expect(steps.every(({ consequence }) => consequence.loss === null)).toBe(true);
  });

  it('counts what two steps take together, each of which alone takes nothing (rail 1)', () => {
    const state = there().group('ops', [ANN], [read]).group('qa', [ANN], [read]).ours();
    const { steps } = planned(declared().group('ops', []).group('qa', [ANN]), state);
    expect(steps.flatMap(({ consequence }) => consequence.loss?.units ?? [])).toEqual([1, 1]);
  });
});

describe('what people did to a group', () => {
  const state = () => there().group('ops', [ANN, BOB], [read]);

  it('who they listed beside those of Git stays, and is told with what they have by it (rail 11)', () => {
    const seen = state()
      .record('Group', 'ops', group([ANN], [read]))
      .ours();
    const plan = planned(declared().group('ops', [ANN], { grants: { web: 'Read' } }), seen);
    expect(told(plan.steps)).toEqual([]);
    expect(plan.findings.map(({ message }) => message)).toEqual([
      `Listed in ops beyond Git, and kept: ${BOB}, who have by it: ${BOB} (Projects: View in web, Secrets: View in web).`,
    ]);
  });

  it.each([
    ['MembershipRemoved', BOB, [ANN], [read]],
    ['GrantRemoved', 'web', [ANN, BOB], []],
  ] as const)('%s stays so until reinstate names the entry (rail 7)', (act, item, members, grants) => {
    const cut = there()
      .group('ops', members, grants)
      .record('Group', 'ops', group([ANN, BOB], [read]))
      .ours()
      .tombstone('Group', 'ops', act, { item, entry: 'aud_cut' });
    const whole = { grants: { web: 'Read' } } as const;
    const kept = planned(declared().group('ops', [ANN, BOB], whole), cut);
    expect(told(kept.steps)).not.toContain('UpdateGroup ops');
    expect(reasons(kept)).toEqual(['Stalled ReinstateNeeded ops']);
    const back = planned(
      declared().group('ops', [ANN, BOB], { ...whole, source: { reinstate: 'aud_cut' } }),
      cut,
    );
    expect(stepOf(back.steps, 'UpdateGroup').reinstate).toBe('aud_cut');
    expect(held(back)).toEqual([['NeedsApproval', ['UpdateGroup ops']]]);
  });

  it('one that they deleted is not made anew', () => {
    const gone = there()
      .record('Group', 'ops', group([ANN], [read]))
      .ours()
      .tombstone('Group', 'ops', 'GroupDeleted');
    const plan = planned(declared().group('ops', [ANN]), gone);
    expect(told(plan.steps)).toEqual([]);
    expect(reasons(plan)).toEqual(['Stalled ReinstateNeeded ops']);
  });

  it('whom they removed, and invited again with less, a group gives no more (decision 0021)', () => {
    const again = there().ours().tombstone('Member', BOB, 'Removed');
    const plan = planned(declared().group('ops', [ANN, BOB], { grants: { web: 'Read' } }), again);
    expect(stepOf(plan.steps, 'CreateGroup').action.after).toMatchObject({ members: [ANN] });
    expect(reasons(plan)).toEqual(['Stalled ReinstateNeeded ops']);
  });

  it('one that they made is claimed where it is as declared, listed, and else waits for consent by its id (rail 11)', () => {
    const whole = { grants: { web: 'Read' } } as const;
    const claim = planned(declared().group('ops', [ANN, BOB], whole), state());
    expect(told(claim.steps)).toContain('Claim Group/ops');
    expect(claim.managed).toContainEqual({ kind: 'Group', key: 'ops', origin: 'acme', before: null });
    expect(claim.held).toEqual([]);
    const differs = declared().group('ops', [ANN, BOB], { grants: { web: 'Write' } });
    expect(reasons(planned(differs, state()))).toContain('Stalled NotAdopted ops');
    const consents = declared().group('ops', [ANN, BOB], {
      grants: { web: 'Write' },
      source: { adopt: 'grp_ops' },
    });
    expect(stepOf(planned(consents, state()).steps, 'UpdateGroup').action.after).toMatchObject({
      grants: [write],
    });
  });

  it('one that they made and that gives somebody something is Foreign, with who has what beyond Git', () => {
    const made = there()
      .member(CAT, { grants: [read] })
      .group('everyone', [ANN, BOB, CAT])
      .group('mine', [BOB, CAT], [read])
      .record('Group', 'everyone', group([ANN, BOB, CAT]))
      .ours();
    const { records } = made.build();
    made.with({ records: records.filter(({ kind }) => kind !== 'Group') });
    const plan = planned(declared().member(CAT, { grants: { web: 'Read' } }), made);
    expect(plan.findings.map(({ reason, message }) => [reason, message])).toEqual([
      [
        'Foreign',
        `The group mine is not declared, and gives beyond Git: ${BOB} (Projects: View in web, Secrets: View in web).`,
      ],
    ]);
  });
});

describe('a tier', () => {
  const caps = (groups: number | null) => {
    const state = there().group('ops', [ANN], [read]).ours();
    const { plan } = state.build();
    return state.with({ plan: { ...plan, name: 'Free', caps: { ...plan.caps, groups } } });
  };

  it('without groups lets those that are there give on and be taken from, and nothing new is planned (P4)', () => {
    const more = planned(
      declared()
        .group('ops', [ANN, BOB], { grants: { web: 'Write' } })
        .group('qa'),
      caps(0),
    );
    expect(told(more.steps)).toEqual([]);
    expect(
      more.findings.map(({ subject, reason, message, next }) => [subject.key, reason, message, next]),
    ).toEqual([
      [
        'ops',
        'QuotaReached',
        'The plan Free has no groups: those that are there (1) go on giving and take nothing new.',
        'Take it out of Git, or get more at https://vault.example/billing.',
      ],
      [
        'qa',
        'QuotaReached',
        'The plan Free has no groups: those that are there (1) go on giving and take nothing new.',
        'Take it out of Git, or get more at https://vault.example/billing.',
      ],
    ]);
    expect(told(planned(declared().group('ops', []), caps(0)).steps)).toEqual(['UpdateGroup ops']);
  });

  it('that is full makes no other (P3)', () => {
    const plan = planned(
      declared()
        .group('ops', [ANN], { grants: { web: 'Read' } })
        .group('qa'),
      caps(1),
    );
    expect(told(plan.steps)).toEqual([]);
    expect(plan.findings.map(({ message }) => message)).toEqual([
      'The plan Free has room for 1 groups, and 1 are there.',
    ]);
  });
});

describe('groups and the rails', () => {
  it('who gets the hand that makes machines and the hand that manages secrets by a group is raised (rail 2)', () => {
    const state = there()
      .template('makers', { Machines: ['Manage'] })
      .member(BOB, { template: 'makers' })
      .ours();
    const plan = planned(
      desired()
        .project('web')
        .template('makers', { Machines: ['Manage'] })
        .member(ANN)
        .member(BOB, { template: 'makers' })
        .group('ops', [BOB], { grants: { web: 'Write' } }),
      state,
    );
    expect(held(plan)).toEqual([['NeedsApproval', ['CreateGroup ops']]]);
  });

  it('more than half of them gone at once are held (rail 9), and so is all of them', () => {
    const state = there().group('a', [ANN]).group('b', [ANN]).group('c', [ANN]).ours();
    const plan = planned(declaring(there().build()).group('a', [ANN]), state);
    expect(held(plan)).toEqual([['MassAbsence', ['DeleteGroup b', 'DeleteGroup c']]]);
  });

  it('an object of one that cannot be read loses nothing (rail 6)', () => {
    const state = there().group('ops', [ANN], [read]).ours();
    const source = declared().group('ops').build().groups[0]?.source;
    if (source === undefined) throw new Error('no source');
    const broken = declared().with({ incomplete: [{ kind: 'Group', key: 'ops', source }] });
    expect(told(planned(broken, state).steps)).toEqual([]);
  });
});
