import { describe, expect, it } from 'vitest';
import { desired } from '#test/builders/desired.ts';
import { HOUR, NOW, organization } from '#test/builders/organization.ts';
import { planned, reasons, stepOf, told } from '#test/builders/planned.ts';

const BOB = 'bob@acme.example';
const OPEN = { id: 'inv_1', since: NOW - HOUR, sentAt: NOW - HOUR, expiresAt: NOW + HOUR, attempts: 1 };
const fields = { role: 'Member', template: null, projectScope: null, state: 'Active' } as const;

describe('what a person cut in the vault (rail 7)', () => {
  it.each(['Removed', 'Left', 'Declined'] as const)(
    '%s: is not invited again until reinstate names the entry',
    (act) => {
      const state = organization().tombstone('Member', BOB, act);
      const cut = planned(desired().member(BOB), state);
      expect(told(cut.steps)).toEqual([]);
      expect(reasons(cut)).toEqual([`Stalled ReinstateNeeded ${BOB}`]);
      expect(cut.findings[0]?.message).toContain(
        `${act === 'Removed' ? ' by carol' : ''} at 2025-12-31T23:00:00.000Z`,
      );
      expect(cut.findings[0]?.next).toContain(`spec.reinstate: aud_${act} on Member acme/bob`);

      const answered = planned(desired().member(BOB, { source: { reinstate: `aud_${act}` } }), state);
      expect(stepOf(answered.steps, 'InviteMember').reinstate).toBe(`aud_${act}`);
    },
  );

  it('is answered by the newest entry, not by an old one', () => {
    const state = organization()
      .tombstone('Member', BOB, 'Declined', { entry: 'aud_old', at: NOW - 9 * HOUR })
      .tombstone('Member', BOB, 'Removed', { entry: 'aud_new' });
    const answer = (reinstate: string) => planned(desired().member(BOB, { source: { reinstate } }), state);
    expect(told(answer('aud_old').steps)).toEqual([]);
    expect(told(answer('aud_new').steps)).toEqual([`InviteMember ${BOB}`]);
  });

  it.each(['Removed', 'Left', 'Declined', 'Suspended'] as const)(
    '%s, and invited again by a person: has what that person chose, and no more before reinstate names the entry',
    (act) => {
      const was = { role: 'Admin', template: 't', projectScope: null, state: 'Active' } as const;
      const there = (invite: boolean) =>
        organization()
          .project('web')
          .template('t', { Alerts: ['View'] })
          .ours()
          .member(BOB, invite ? { state: 'Invited', invite: OPEN } : {})
          .record('Member', BOB, { member: was, grants: [{ project: 'web', access: 'Read' }] })
          .tombstone('Member', BOB, act);
      const declared = (reinstate: string | null, fields: object = {}) =>
        desired()
          .project('web')
          .template('t', { Alerts: ['View'] })
          .member(BOB, {
            ...{ role: 'Admin', template: 't', grants: { web: 'Read' }, source: { reinstate } },
            ...fields,
          });
      for (const state of [there(true), there(false)]) {
        const kept = planned(declared(null), state);
        expect(told(kept.steps)).toEqual([`Claim Member/${BOB}`]);
        expect(reasons(kept).filter((reason) => reason.startsWith('Stalled'))).toEqual([
          `Stalled ReinstateNeeded ${BOB}`,
        ]);
        const finding = kept.findings.find(({ reason }) => reason === 'ReinstateNeeded');
        expect(finding?.message).toContain('was invited again with less than is declared');
        expect(finding?.next).toContain('declare no more than that');
        const answered = planned(declared(`aud_${act}`), state);
        expect(stepOf(answered.steps, 'SetMemberAccess')).toMatchObject({
          reinstate: `aud_${act}`,
          action: { after: { role: 'Admin', template: 't', grants: [{ project: 'web', access: 'Read' }] } },
        });
        // As the person left it: nothing is to be answered.
        const agreed = planned(declared(null, { role: 'Member', template: null, grants: {} }), state);
        expect(reasons(agreed).filter((reason) => reason.startsWith('Stalled'))).toEqual([]);
      }
    },
  );

  it('stays suspended, while the rest of the change goes on', () => {
    const state = organization()
      .member(BOB, { state: 'Suspended' })
      .ours()
      .tombstone('Member', BOB, 'Suspended');
    const plan = planned(desired().member(BOB, { role: 'Admin' }), state);
    expect(told(plan.steps)).toEqual([`SetMemberAccess ${BOB}`]);
    expect(reasons(plan)).toEqual([`Stalled ReinstateNeeded ${BOB}`]);
    const answered = desired().member(BOB, { source: { reinstate: 'aud_Suspended' } });
    expect(told(planned(answered, state).steps)).toEqual([`UnsuspendMember ${BOB}`]);
  });

  it('leaves a grant out that a person took away, and gives the others', () => {
    const state = organization()
      .project('web')
      .project('api')
      .member(BOB)
      .record('Member', BOB, { member: fields, grants: [{ project: 'web', access: 'Read' }] })
      .tombstone('Member', BOB, 'GrantRemoved', { item: 'web' });
    const grants = { web: 'Read', api: 'Read' } as const;
    const plan = planned(desired().project('web').project('api').member(BOB, { grants }), state);
    const step = stepOf(plan.steps, 'SetMemberAccess');
    expect(step.action.after).toMatchObject({ grants: [{ project: 'api', access: 'Read' }] });
    expect(step.record?.applied).toMatchObject({ grants: [{ project: 'api', access: 'Read' }] });
    expect(reasons(plan)).toContain(`Stalled ReinstateNeeded ${BOB}`);
  });

  it('does not raise a grant again that a person lowered', () => {
    const grants = [{ project: 'web', access: 'Read' }] as const;
    const state = organization()
      .project('web')
      .member(BOB, { grants })
      .record('Member', BOB, { member: fields, grants: [{ project: 'web', access: 'Write' }] })
      .tombstone('Member', BOB, 'GrantRemoved', { item: 'web' });
    const plan = planned(
      desired()
        .project('web')
        .member(BOB, { grants: { web: 'Write' } }),
      state,
    );
    expect(told(plan.steps).filter((step) => step.startsWith('Set'))).toEqual([]);
  });

  it('leaves a cell out that a person took out of a template', () => {
    const state = organization()
      .template('t', { Alerts: ['View'] })
      .ours()
      .tombstone('PermissionTemplate', 't', 'CellRemoved', { item: 'Alerts: Manage' });
    const cells = { Alerts: ['View', 'Manage'], Support: ['View'] };
    const plan = planned(desired().template('t', cells), state);
    expect(stepOf(plan.steps, 'UpdateTemplate').action.after).toMatchObject({
      capabilities: { Alerts: ['View'], Support: ['View'] },
    });
    const answered = planned(desired().template('t', cells, 'All', { reinstate: 'aud_CellRemoved' }), state);
    expect(stepOf(answered.steps, 'UpdateTemplate')).toMatchObject({
      reinstate: 'aud_CellRemoved',
      action: { after: { capabilities: cells } },
    });
  });

  it('leaves role, template and scope as a person made them, and gives the rest', () => {
    const there = organization()
      .project('web')
      .template('dev')
      .template('ops')
      .member(BOB, { template: 'dev', projectScope: ['web'] });
    const was = { role: 'Admin', template: 'ops', projectScope: null, state: 'Active' } as const;
    const record = there.record('Member', BOB, { member: was, grants: [] });
    const declared = (more: Parameters<ReturnType<typeof desired>['member']>[1] = {}) =>
      desired()
        .project('web')
        .template('dev')
        .template('ops')
        .member(BOB, { role: 'Admin', template: 'dev', grants: { web: 'Read' }, ...more });

    const lowered = record.tombstone('Member', BOB, 'RoleLowered');
    const kept = planned(declared(), lowered);
    expect(stepOf(kept.steps, 'SetMemberAccess').action.after).toEqual({
      role: 'Member',
      template: 'dev',
      projectScope: null,
      grants: [{ project: 'web', access: 'Read' }],
    });
    expect(stepOf(kept.steps, 'SetMemberAccess').record?.applied).toMatchObject({
      member: { role: 'Member' },
    });
    expect(reasons(kept)).toContain(`Stalled ReinstateNeeded ${BOB}`);
    const answered = planned(declared({ source: { reinstate: 'aud_RoleLowered' } }), lowered);
    expect(stepOf(answered.steps, 'SetMemberAccess')).toMatchObject({
      reinstate: 'aud_RoleLowered',
      action: { after: { role: 'Admin' } },
    });

    const taken = record.tombstone('Member', BOB, 'TemplateTaken').tombstone('Member', BOB, 'ScopeNarrowed');
    const still = { template: 'dev', projectScope: ['web'] };
    expect(
      stepOf(planned(declared({ template: 'ops' }), taken).steps, 'SetMemberAccess').action.after,
    ).toMatchObject({ role: 'Member', ...still });
  });

  it('keeps a narrowed scope, of a member and of a template, until reinstate names the entry', () => {
    const state = organization()
      .project('web')
      .template('t', { Alerts: ['View'] }, ['web'])
      .member(BOB, { template: 't', projectScope: [] })
      .ours()
      .tombstone('Member', BOB, 'ScopeNarrowed', { entry: 'aud_member' })
      .tombstone('PermissionTemplate', 't', 'ScopeNarrowed', { entry: 'aud_template' });
    const declared = (reinstate: { readonly member?: string; readonly template?: string } = {}) =>
      desired()
        .project('web')
        .template('t', { Alerts: ['View'] }, 'All', { reinstate: reinstate.template ?? null })
        .member(BOB, { template: 't', source: { reinstate: reinstate.member ?? null } });
    const kept = planned(declared(), state);
    expect(told(kept.steps)).toEqual([]);
    expect(reasons(kept)).toEqual(
      expect.arrayContaining([`Stalled ReinstateNeeded ${BOB}`, 'Stalled ReinstateNeeded t']),
    );
    const answered = planned(declared({ member: 'aud_member', template: 'aud_template' }), state);
    expect(told(answered.steps)).toEqual(['UpdateTemplate t', `SetMemberAccess ${BOB}`]);
    // What is less than there is needs no answer.
    const less = desired()
      .project('web')
      .template('t', { Alerts: ['View'] }, []);
    expect(told(planned(less.member(BOB, { template: 't', projectScope: [] }), state).steps)).toEqual([
      'UpdateTemplate t',
    ]);
  });

  it('leaves a project out of scopes that a person deleted, made anew or not, and gives the rest', () => {
    const cut = { entry: 'aud_deleted', item: 'web' };
    const state = organization()
      .project('web')
      .project('api')
      .template('t', { Alerts: ['View'] }, [])
      .member(BOB, { template: 't', projectScope: [] })
      .ours()
      .tombstone('Member', BOB, 'ScopeNarrowed', cut)
      .tombstone('Member', 'alice@acme.example', 'ScopeNarrowed', cut)
      .tombstone('PermissionTemplate', 't', 'ScopeNarrowed', cut)
      .tombstone('PermissionTemplate', 'new', 'ScopeNarrowed', cut);
    const declared = (scope: readonly string[] | 'All', reinstate: string | null = null) => {
      const own = scope === 'All' ? null : scope;
      const more = { template: 't', projectScope: own, source: { reinstate } };
      return desired()
        .project('web')
        .project('api')
        .template('t', { Alerts: ['View'] }, scope, { reinstate })
        .template('new', { Alerts: ['View'] }, scope, { reinstate })
        .member(BOB, more)
        .member('alice@acme.example', more);
    };
    const scopesOf = ({ steps }: ReturnType<typeof planned>) =>
      Object.fromEntries(
        steps.flatMap(({ action: { kind, key, after } }) =>
          kind === 'Claim' ? [] : [[key, (after as { readonly projectScope: unknown }).projectScope]],
        ),
      );
    const [alice, api] = ['alice@acme.example', ['api']];
    const some = planned(declared(['api', 'web']), state);
    expect(scopesOf(some)).toEqual({ new: api, t: api, [alice]: api, [BOB]: api });
    expect(reasons(some).filter((reason) => reason.includes('ReinstateNeeded'))).toHaveLength(4);
    // All projects, and the template's own scope, may be that one.
    expect(scopesOf(planned(declared('All'), state))).toEqual({ new: [] });
    for (const scope of [['api', 'web'], 'All'] as const) {
      const answered = planned(declared(scope, 'aud_deleted'), state);
      const own = scope === 'All' ? null : scope;
      expect(scopesOf(answered)).toEqual({ new: scope, t: scope, [alice]: own, [BOB]: own });
      const given = answered.steps.filter(
        ({ subject }) => subject.kind !== 'Organization' && subject.kind !== 'Project',
      );
      expect(new Set(given.map(({ reinstate }) => reinstate))).toEqual(new Set(['aud_deleted']));
    }
  });

  it('does not invite anew as an admin who was made a plain member', () => {
    const state = organization().tombstone('Member', BOB, 'RoleLowered');
    expect(told(planned(desired().member(BOB), state).steps)).toEqual([`InviteMember ${BOB}`]);
    const cut = planned(desired().member(BOB, { role: 'Admin' }), state);
    expect(reasons(cut)).toEqual([`Stalled ReinstateNeeded ${BOB}`]);
    const source = { reinstate: 'aud_RoleLowered' };
    expect(
      stepOf(planned(desired().member(BOB, { role: 'Admin', source }), state).steps, 'InviteMember')
        .reinstate,
    ).toBe('aud_RoleLowered');
  });

  it('keeps a machine disabled or revoked', () => {
    const off = { enabled: false, disabledAt: NOW - HOUR };
    const disabled = organization()
      .machine('ci', [], off)
      .ours()
      .tombstone('MachineBinding', 'ci', 'MachineDisabled');
    const revoked = organization().tombstone('MachineBinding', 'ci', 'MachineRevoked');
    for (const state of [disabled, revoked]) {
      const plan = planned(desired().machine('ci'), state);
      expect(told(plan.steps)).toEqual([]);
      expect(reasons(plan)).toEqual(['Stalled ReinstateNeeded ci']);
    }
    const reinstate = { source: { reinstate: 'aud_MachineRevoked' } };
    expect(told(planned(desired().machine('ci', [], reinstate), revoked).steps)).toEqual([
      'RegisterMachine ci',
    ]);
  });

  it('brings back no key that a person revoked, unless the entry is named', () => {
    const fingerprint = 'ab'.repeat(32);
    const state = organization()
      .machine('ci')
      .ours()
      .tombstone('MachineBinding', 'ci', 'MachineKeyRevoked', { item: fingerprint });
    const key = { fingerprint, publicKey: 'key' };
    const plan = planned(desired().machine('ci', [], { key }), state);
    expect(told(plan.steps)).toEqual([]);
    expect(reasons(plan)).toEqual(['Stalled ReinstateNeeded ci']);
    const reinstate = { key, source: { reinstate: 'aud_MachineKeyRevoked' } };
    expect(told(planned(desired().machine('ci', [], reinstate), state).steps)).toEqual(['AddMachineKey ci']);
    const other = { key: { fingerprint: 'cd'.repeat(32), publicKey: 'key' } };
    expect(told(planned(desired().machine('ci', [], other), state).steps)).toEqual(['AddMachineKey ci']);
  });
});
