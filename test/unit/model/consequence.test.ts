import { describe, expect, it } from 'vitest';
import { consequence } from '#model/consequence.ts';
import type { MemberAccess } from '#model/organization.ts';
import { populationOf } from '#model/population.ts';
import type { StepAction } from '#model/step.ts';
import { NOW, organization } from '#test/builders/organization.ts';

const BOB = 'bob@acme.example';
const access = (fields: Partial<MemberAccess> = {}): MemberAccess => ({
  role: 'Member',
  template: null,
  projectScope: null,
  grants: [],
  ...fields,
});
const state = organization()
  .project('web', ['key'])
  .template('viewers', { Secrets: ['View'] })
  .template('editors', { Secrets: ['View', 'Manage'] })
  .template('auditors', { 'Audit log': ['View others'] })
  .member(BOB, { template: 'viewers' })
  .machine('ci', [{ project: 'web', secrets: ['key'] }])
  .build();
const change = (before: MemberAccess, after: MemberAccess): StepAction => ({
  kind: 'SetMemberAccess',
  key: BOB,
  before,
  after,
});

describe('loss and gain of a step', () => {
  it('are computed from effective access: a wider template is a gain alone', () => {
    const wider = consequence(
      state,
      change(access({ template: 'viewers' }), access({ template: 'editors' })),
      NOW,
    );
    expect(wider).toMatchObject({ loss: null, gain: true });
  });

  it('are both where a template is replaced by another', () => {
    const other = consequence(
      state,
      change(access({ template: 'viewers' }), access({ template: 'auditors' })),
      NOW,
    );
    expect(other).toEqual({
      loss: { class: 'access', units: 1 },
      gain: true,
      changes: [
        {
          who: BOB,
          gained: ['Audit log: View others'],
          lost: ['Secrets: View in all projects'],
          raised: ['Audit log: View others'],
        },
      ],
    });
  });

  it('count a narrower scope as a loss, and dropping it as a gain', () => {
    const wide = access({ template: 'viewers' });
    const narrow = access({ template: 'viewers', projectScope: ['web'] });
    expect(consequence(state, change(wide, narrow), NOW)).toMatchObject({
      loss: { class: 'access', units: 1 },
    });
    expect(consequence(state, change(narrow, wide), NOW)).toMatchObject({ loss: null, gain: true });
  });

  it('count each grant taken or lowered', () => {
    const before = access({
      grants: [
        { project: 'a', access: 'Read' },
        { project: 'b', access: 'Write' },
        { project: 'c', access: 'Read' },
      ],
    });
    const after = access({
      grants: [
        { project: 'b', access: 'Read' },
        { project: 'c', access: 'Read' },
      ],
    });
    expect(consequence(state, change(before, after), NOW).loss).toEqual({ class: 'access', units: 2 });
  });

  it('lose nothing where a group goes on giving what a direct grant gave (G1)', () => {
    const before = access({
      grants: [
        { project: 'a', access: 'Read' },
        { project: 'b', access: 'Write' },
      ],
    });
    const grouped = (level: 'Read' | 'Write') => ({
      ...state,
      groups: [
        { id: 'g', name: 'ops', description: '', members: [BOB], grants: [{ project: 'b', access: level }] },
      ],
    });
    const onlyA = access({ grants: [{ project: 'a', access: 'Read' }] });
    expect(consequence(grouped('Write'), change(before, onlyA), NOW)).toEqual({
      loss: null,
      gain: false,
      changes: [],
    });
    expect(consequence(grouped('Read'), change(before, onlyA), NOW)).toMatchObject({
      loss: { class: 'access', units: 1 },
      changes: [{ lost: ['Secrets: Manage in b'] }],
    });
    // What goes and is made up for takes no room in the budget beside what is lost.
    expect(consequence(grouped('Write'), change(before, access()), NOW).loss).toEqual({
      class: 'access',
      units: 1,
    });
  });

  it('count only those holders of a template who lose something by its change (G1)', () => {
    const fields = (cells: readonly string[]) => ({
      description: '',
      capabilities: { Secrets: cells },
      projectScope: ['web'],
    });
    const action = {
      kind: 'UpdateTemplate',
      key: 'scoped',
      before: fields(['View']),
      after: fields([]),
    } as const;
    const holders = organization()
      .project('web')
      .template('scoped', { Secrets: ['View'] }, ['web'])
      .member(BOB, { template: 'scoped' })
      .member('carol@acme.example', { template: 'scoped' })
      .group('ops', [BOB], [{ project: 'web', access: 'Read' }])
      .build();
    expect(consequence(holders, action, NOW)).toMatchObject({
      loss: { class: 'access', units: 1 },
      changes: [{ who: 'carol@acme.example' }],
    });
  });

  it('name who loses by the deletion of a project what a group gave (G2, P2)', () => {
    const grouped = organization()
      .project('web')
      .member(BOB)
      .group('ops', [BOB], [{ project: 'web', access: 'Read' }])
      .build();
    const action = {
      kind: 'DeleteProject',
      key: 'web',
      before: { description: '', secrets: [] },
      after: null,
    } as const;
    expect(consequence(grouped, action, NOW).changes).toEqual([
      { who: BOB, gained: [], lost: ['Projects: View in web', 'Secrets: View in web'], raised: [] },
    ]);
  });

  it('count a demotion among people', () => {
    const demoted = consequence(state, change(access({ role: 'Admin' }), access()), NOW);
    expect(demoted.loss).toEqual({ class: 'people', units: 1 });
  });

  it('say who loses by the deletion of a project', () => {
    const action = {
      kind: 'DeleteProject',
      key: 'web',
      before: { description: '', secrets: ['key', 'token'] },
      after: null,
    } as const;
    const granted = {
      ...state,
      members: state.members.map((m) => ({ ...m, grants: [{ project: 'web', access: 'Read' as const }] })),
    };
    expect(consequence(granted, action, NOW)).toMatchObject({
      loss: { class: 'projects', units: 2 },
      changes: [
        { who: BOB, lost: ['Projects: View in web'] },
        { who: 'ci', lost: ['web/key'] },
      ],
    });
  });

  it('do not count a machine twice that is disabled and then revoked', () => {
    const revoke = { kind: 'RevokeMachine', key: 'ci', before: { access: [] }, after: null } as const;
    const disabled = { ...state, machines: state.machines.map((m) => ({ ...m, enabled: false })) };
    expect(consequence(disabled, revoke, NOW).loss).toEqual({ class: 'machines', units: 0 });
    expect(consequence(state, revoke, NOW).loss).toEqual({ class: 'machines', units: 1 });
  });

  it('of a release is a loss where the thing is there, and none where it is gone', () => {
    const release = {
      kind: 'Release',
      key: 'Project/web',
      before: { kind: 'Project' },
      after: null,
    } as const;
    const loss = { class: 'access', units: 1 };
    expect(consequence(state, release, NOW)).toEqual({ loss, gain: false, changes: [] });
    const gone = { ...release, key: 'Project/gone' };
    expect(consequence(state, gone, NOW)).toEqual({ loss: null, gain: false, changes: [] });
  });
});

describe('what the percentages of the budgets are of', () => {
  it('counts nobody who has not joined: invites of a plan raise no budget for its own losses', () => {
    const invited = { template: 'viewers', invited: {} };
    const more = organization().template('viewers').member('x@acme.example', invited).build();
    expect([populationOf(more, 'people', NOW), populationOf(more, 'access', NOW)]).toEqual([1, 0]);
  });

  it('is counted per class', () => {
    const classes = ['people', 'suspensions', 'invites', 'access', 'machines', 'projects'] as const;
    expect(classes.map((lossClass) => populationOf(state, lossClass, NOW))).toEqual([2, 2, 0, 1, 1, 1]);
  });
});
