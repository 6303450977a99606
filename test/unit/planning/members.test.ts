import { describe, expect, it } from 'vitest';
import { desired } from '#test/builders/desired.ts';
import { HOUR, machineKey, NOW, OWNER, organization } from '#test/builders/organization.ts';
import { held, planned, reasons, stepOf, told } from '#test/builders/planned.ts';

const BOB = 'bob@acme.example';
const fields = { role: 'Member', template: null, projectScope: null, state: 'Active' } as const;

describe('members', () => {
  it('invites a declared person who is absent, with template, scope and grants at once', () => {
    const declared = desired()
      .template('developers')
      .project('web')
      .member(BOB, { template: 'developers', projectScope: ['web'], grants: { web: 'Read' } });
    const { steps } = planned(declared, organization());
    expect(told(steps)).toEqual(['CreateProject web', 'CreateTemplate developers', `InviteMember ${BOB}`]);
    expect(stepOf(steps, 'InviteMember').action.after).toEqual({
      role: 'Member',
      template: 'developers',
      projectScope: ['web'],
      grants: [{ project: 'web', access: 'Read' }],
    });
  });

  it.each(['Reacceptance', 'Confirmation'] as const)(
    'wants nothing of a member who awaits %s: the state that Git compares is the one of afterwards (O5, I4)',
    (awaits) => {
      const state = organization().member(BOB, { awaits }).ours();
      expect(told(planned(desired().member(BOB), state).steps)).toEqual([]);
      const suspended = planned(desired().member(BOB, { state: 'Suspended' }), state);
      expect(told(suspended.steps)).toEqual([`SuspendMember ${BOB}`]);
    },
  );

  it('merges grants of Member and Project objects into one, of which Write is the greater (G1)', () => {
    const declared = desired()
      .project('web', { grants: { [BOB]: 'Write' } })
      .member(BOB, { grants: { web: 'Read' } });
    const state = organization().project('web').member(BOB).ours();
    expect(stepOf(planned(declared, state).steps, 'SetMemberAccess').action.after).toMatchObject({
      grants: [{ project: 'web', access: 'Write' }],
    });
  });

  it('leaves the fields of a person alone whom only a Project names, and records the grant alone', () => {
    const declared = desired().project('web', { grants: { [BOB]: 'Read' } });
    const state = organization().project('web').member(BOB, { role: 'Admin' });
    const step = stepOf(planned(declared, state).steps, 'SetMemberAccess');
    expect(step.action.after).toMatchObject({ role: 'Admin' });
    expect(step.record?.applied).toEqual({ member: null, grants: [{ project: 'web', access: 'Read' }] });
  });

  it('gives nobody new a template that was archived in the vault, and leaves it to who holds it', () => {
    const there = organization().template('dev').member(BOB, { template: 'dev' }).ours();
    const { templates } = there.build();
    const state = there.with({ templates: templates.map((one) => ({ ...one, archived: true })) });
    const declared = () => desired().template('dev').member(BOB, { template: 'dev' });
    expect(told(planned(declared(), state).steps)).toEqual([]);
    const plan = planned(declared().member('new@acme.example', { template: 'dev' }), state);
    expect(told(plan.steps)).toEqual([]);
    expect(reasons(plan)).toEqual(['Stalled TemplateArchived new@acme.example']);
  });

  it('waits for a Member where a Project names somebody who is not there', () => {
    const plan = planned(desired().project('web', { grants: { [BOB]: 'Read' } }), organization());
    expect(reasons(plan)).toEqual([`Waiting MemberNotFound ${BOB}`]);
  });

  it('withdraws a grant when its last declaration goes, and keeps what others gave', () => {
    const grants = [
      { project: 'api', access: 'Read' },
      { project: 'web', access: 'Read' },
    ] as const;
    const state = organization()
      .project('web')
      .project('api')
      .member(BOB, { grants })
      .record('Member', BOB, { member: fields, grants: [{ project: 'web', access: 'Read' }] });
    const plan = planned(desired().project('web').project('api').member(BOB), state);
    expect(stepOf(plan.steps, 'SetMemberAccess').action.after).toMatchObject({
      grants: [{ project: 'api', access: 'Read' }],
    });
    expect(reasons(plan)).toEqual([`Info Foreign ${BOB}`]);
  });

  it('reverts what people changed on a managed member, and says so', () => {
    const state = organization()
      .member(BOB, { role: 'Admin' })
      .record('Member', BOB, { member: fields, grants: [] });
    const plan = planned(desired().member(BOB), state);
    expect(stepOf(plan.steps, 'SetMemberAccess').why).toBe('role: Admin -> Member');
    expect(reasons(plan)).toContain(`Info Drift ${BOB}`);
  });

  it('claims a person who is as declared, and does not touch one who differs until consent', () => {
    const state = organization().member(BOB, { role: 'Admin' });
    expect(told(planned(desired().member(BOB, { role: 'Admin' }), state).steps)).toEqual([
      `Claim Member/${BOB}`,
    ]);
    const differs = planned(desired().member(BOB), state);
    expect(told(differs.steps)).toEqual([]);
    expect(differs.findings[0]).toMatchObject({ reason: 'NotAdopted', severity: 'Stalled' });
    expect(differs.findings[0]?.next).toContain(`seneschal.dev/adopt: mem_${BOB}`);
    const consented = planned(desired().member(BOB, { source: { adopt: `mem_${BOB}` } }), state);
    expect(told(consented.steps)).toEqual([`SetMemberAccess ${BOB}`]);
  });

  it('removes who was ours and is declared no longer, and takes an open invite back', () => {
    const state = organization()
      .member(BOB)
      .member('carol@acme.example', { invited: {} })
      .member('dan@acme.example')
      .member('erin@acme.example')
      .ours()
      .member('foreign@acme.example');
    const plan = planned(desired().member('dan@acme.example').member('erin@acme.example'), state);
    expect(told(plan.runnable)).toEqual(['CancelInvite carol@acme.example', `RemoveMember ${BOB}`]);
    expect(reasons(plan)).toContain('Info Foreign vault_0123456789abcdef');
  });

  it('says what to rotate after a removal: what the person managed, and the keys that they made (M2)', () => {
    const made = { keys: [machineKey('fp-shown', { maker: BOB }), machineKey('fp-other')] };
    const state = organization()
      .project('web', ['token'])
      .project('api', ['key'])
      .project('db', ['dsn', 'password'])
      .member(BOB, {
        grants: [
          { project: 'api', access: 'Read' },
          { project: 'web', access: 'Write' },
        ],
      })
      .machine('job', [{ project: 'db', secrets: ['dsn'] }], made)
      .ours()
      .member('dan@acme.example');
    const rest = desired().project('web').project('api').project('db').machine('job');
    const { findings } = planned(rest, state);
    expect(findings.find(({ reason }) => reason === 'RotationAdvised')).toMatchObject({
      message: `${BOB} could hand out or read db/dsn, web/token. ${BOB} may hold the keys of machines job (fp-shown).`,
      rotation: {
        rotate: ['db/dsn', 'web/token'],
        rotateKeys: [{ machine: 'job', fingerprint: 'fp-shown' }],
      },
    });
  });

  it('says nothing to rotate of a person who only saw names (M2)', () => {
    const state = organization()
      .project('web', ['token'])
      .member(BOB, { grants: [{ project: 'web', access: 'Read' }] })
      .ours()
      .member('dan@acme.example');
    const plan = planned(desired().project('web'), state);
    expect(told(plan.steps)).toContain(`RemoveMember ${BOB}`);
    expect(plan.findings.map(({ reason }) => reason)).not.toContain('RotationAdvised');
  });

  it('never has a step against the owner, declared or not (O3, rail 3)', () => {
    const plan = planned(desired().member(OWNER, { role: 'Member' }), organization());
    expect(told(plan.steps)).toEqual([]);
    expect(reasons(plan)).toEqual([`Stalled OwnerDeclared ${OWNER}`]);
  });

  it('plans no partial replacement: a scope or template that is not there waits whole', () => {
    const declared = desired().member(BOB, { template: 'none', projectScope: ['nowhere'], role: 'Admin' });
    const plan = planned(declared, organization().member(BOB).ours());
    expect(told(plan.steps)).toEqual([]);
    expect(reasons(plan)).toEqual([`Waiting ProjectNotFound ${BOB}`, `Waiting TemplateNotFound ${BOB}`]);
  });

  it('loses nothing of a person whose object cannot be read', () => {
    const source = desired().member(BOB).build().members[0]?.source;
    const declared = desired()
      .member('dan@acme.example')
      .with({ incomplete: source === undefined ? [] : [{ kind: 'Member', key: BOB, source }] });
    const state = organization().member(BOB).member('dan@acme.example').ours();
    expect(told(planned(declared, state).steps)).toEqual([]);
  });
});

describe('invites (I2, rail 8)', () => {
  it('waits while an invite is open, and looks again when it expires', () => {
    const plan = planned(desired().member(BOB), organization().member(BOB, { invited: {} }).ours());
    expect(told(plan.steps)).toEqual([]);
    expect(reasons(plan)).toEqual([`Info InvitePending ${BOB}`]);
    expect(plan.wakeAt).toBe(NOW + 24 * HOUR);
  });

  it('sends an expired invite again, three times in all', () => {
    const expired = (attempts: number) =>
      planned(
        desired().member(BOB),
        organization()
          .member(BOB, { invited: { expiresAt: NOW, attempts } })
          .ours(),
      );
    expect(stepOf(expired(2).steps, 'ResendInvite').action).toMatchObject({
      before: { attempts: 2 },
      after: { attempts: 3 },
    });
    expect(told(expired(3).steps)).toEqual([]);
    expect(reasons(expired(3))).toEqual([`Stalled InviteExpired ${BOB}`]);
  });

  it('holds one that ended as a raise where it makes an admin: it promises nothing any more (rail 2)', () => {
    const plan = planned(
      desired().member(BOB, { role: 'Admin' }),
      organization()
        .member(BOB, { role: 'Admin', invited: { expiresAt: NOW } })
        .ours(),
    );
    expect(held(plan)).toEqual([['NeedsApproval', [`ResendInvite ${BOB}`]]]);
  });

  it('sends an invite that is used up again after an edit in Git, and not after a change in the vault', () => {
    const state = organization()
      .member(BOB, { invited: { expiresAt: NOW, attempts: 3 } })
      .ours();
    const grants = { web: 'Read' } as const;
    const edited = planned(desired().project('web').member(BOB, { grants }), state.project('web'));
    expect(told(edited.runnable)).toEqual([
      'Claim Project/web',
      `SetMemberAccess ${BOB}`,
      `ResendInvite ${BOB}`,
    ]);
    expect(stepOf(edited.steps, 'ResendInvite').action).toMatchObject({ after: { attempts: 1 } });
    state.member(BOB, { role: 'Admin', invited: { expiresAt: NOW, attempts: 3 } });
    expect(told(planned(desired().member(BOB), state).steps)).toEqual([`SetMemberAccess ${BOB}`]);
  });

  it('sends it once for an edit, and for none that a rail holds: it would be one each week', () => {
    const state = organization()
      .member(BOB, { invited: { expiresAt: NOW, attempts: 3 } })
      .ours();
    const raised = planned(desired().member(BOB, { role: 'Admin' }), state);
    // Sending it is a raise by itself, and waits under the same approval.
    expect(held(raised)).toEqual([['NeedsApproval', [`SetMemberAccess ${BOB}`, `ResendInvite ${BOB}`]]]);
    expect(told(raised.runnable)).toEqual([]);
    const unknown = planned(desired().member(BOB, { grants: { tpyo: 'Read' } }), state);
    expect(told(unknown.steps)).toEqual([]);
    expect(reasons(unknown)).toContain(`Stalled InviteExpired ${BOB}`);
  });

  it('changes what an open invite promises', () => {
    const plan = planned(
      desired().member(BOB, { role: 'Admin' }),
      organization().member(BOB, { invited: {} }).ours(),
    );
    expect(told(plan.steps)).toEqual([`SetMemberAccess ${BOB}`]);
  });

  it('does not invite who is declared Suspended, and takes an open invite back', () => {
    const declared = desired().member(BOB, { state: 'Suspended' });
    const absent = planned(declared, organization());
    expect(told(absent.steps)).toEqual([]);
    expect(reasons(absent)).toEqual([`Info NotInvited ${BOB}`]);
    const invited = planned(declared, organization().member(BOB, { invited: {} }).ours());
    expect(told(invited.steps)).toEqual([`CancelInvite ${BOB}`]);
  });
});

describe('suspension (M1)', () => {
  it('suspends and un-suspends by Git', () => {
    const active = planned(desired().member(BOB, { state: 'Suspended' }), organization().member(BOB).ours());
    expect(told(active.runnable)).toEqual([`SuspendMember ${BOB}`]);
    const suspended = organization().member(BOB, { state: 'Suspended' }).ours();
    expect(told(planned(desired().member(BOB), suspended).runnable)).toEqual([`UnsuspendMember ${BOB}`]);
  });

  it('waits for nothing and has a budget of its own (rail 1)', () => {
    const state = organization().member(BOB).ours().lost('people', 50);
    const plan = planned(desired().member(BOB, { state: 'Suspended' }), state, { settle: true });
    expect(told(plan.runnable)).toEqual([`SuspendMember ${BOB}`]);
    expect(plan.lossGroups.map((group) => group.class)).toEqual(['suspensions']);
  });
});

describe('seats (I5)', () => {
  it('removes before it invites where the seat is needed, and waits where there is none', () => {
    const state = organization()
      .seats(4)
      .member(BOB)
      .member('x@acme.example')
      .member('y@acme.example')
      .ours();
    const declared = desired()
      .member('x@acme.example')
      .member('y@acme.example')
      .member('new1@acme.example')
      .member('new2@acme.example');
    const plan = planned(declared, state);
    expect(told(plan.runnable)).toEqual([`RemoveMember ${BOB}`, 'InviteMember new1@acme.example']);
    expect(reasons(plan)).toContain('Waiting SeatsExhausted new2@acme.example');
  });

  it('does not invite while the removal that frees the seat is held', () => {
    const state = organization().seats(3).member(BOB).member('x@acme.example').ours().lost('people', 2);
    const plan = planned(desired().member('x@acme.example').member('new@acme.example'), state);
    expect(told(plan.runnable)).toEqual([]);
    expect(told(plan.steps)).toEqual([`RemoveMember ${BOB}`, 'InviteMember new@acme.example']);
  });

  it('does not invite over the cap while one of those who are too many is held', () => {
    const state = organization()
      .seats(2)
      .member(BOB)
      .member('x@acme.example', { invited: {} })
      .ours()
      .lost('people', 2);
    const plan = planned(desired().member('new@acme.example').member('y@acme.example'), state);
    expect(told(plan.runnable)).not.toContain('InviteMember new@acme.example');
  });

  it.each([
    ['takes nothing, by a Release of its own', 'Read', [`SetMemberAccess ${BOB}`, `Release Member/${BOB}`]],
    ['takes something, with it', undefined, [`SetMemberAccess ${BOB}`]],
  ] as const)(
    'lets go of the record of whom the last grant is withdrawn where that %s (rail 1)',
    (_, byGroup, steps) => {
      const state = organization()
        .project('web')
        .member(BOB, { grants: [{ project: 'web', access: 'Read' }] })
        .record('Member', BOB, { member: null, grants: [{ project: 'web', access: 'Read' }] });
      if (byGroup !== undefined) state.group('ops', [BOB], [{ project: 'web', access: byGroup }]);
      const plan = planned(desired().project('web'), state);
      expect(told(plan.steps).filter((step) => step.includes(BOB))).toEqual(steps);
      const { record } = stepOf(plan.steps, 'SetMemberAccess');
      expect(record === null ? null : record?.applied).toEqual(
        byGroup === undefined ? null : { member: null, grants: [] },
      );
    },
  );
});
