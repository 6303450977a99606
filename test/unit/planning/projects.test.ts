import { describe, expect, it } from 'vitest';
import { desired } from '#test/builders/desired.ts';
import { organization } from '#test/builders/organization.ts';
import { held, planned, reasons, stepOf, told } from '#test/builders/planned.ts';

const generator = { length: 32, charset: 'Hex' } as const;

describe('projects (P2)', () => {
  it('are created with the secrets that have a generator; the others wait for their value', () => {
    const secrets = [
      { name: 'token', generator },
      { name: 'given', generator: null },
    ];
    const plan = planned(desired().project('web', { secrets }), organization());
    expect(told(plan.steps)).toEqual(['CreateProject web', 'CreateSecret web/token']);
    expect(plan.findings[0]).toMatchObject({ reason: 'SecretMissing', severity: 'Waiting' });
    expect(plan.findings[0]?.next).toContain('seneschal vault secret set given --project web');
  });

  it('change their description, and claim what is as declared', () => {
    const state = organization().project('web', ['token'], 'old').project('api').ours();
    const plan = planned(desired().project('web', { description: 'new' }).project('api'), state);
    expect(told(plan.steps)).toEqual(['UpdateProject web']);
    const fresh = organization().project('web');
    expect(told(planned(desired().project('web'), fresh).steps)).toEqual(['Claim Project/web']);
  });

  it('keep their secrets when a name leaves the list', () => {
    const plan = planned(desired().project('web'), organization().project('web', ['token']).ours());
    expect(told(plan.steps)).toEqual(['Claim Project/web']);
  });

  it('are released and not deleted by default, and deleted only with approval', () => {
    const state = organization().project('web', ['token']).project('api').project('ops').ours();
    const released = planned(desired().project('api').project('ops'), state);
    expect(told(released.runnable)).toEqual(['Release Project/web']);

    const { records } = state.build();
    state.with({ records: records.map((record) => ({ ...record, deletionPolicy: 'Delete' })) });
    const keep = { deletionPolicy: 'Delete' } as const;
    const declared = desired().project('api', keep).project('ops', keep);
    const deleted = planned(declared, state);
    expect(held(deleted)).toEqual([['LossBudget', ['DeleteProject web']]]);
    const approval = {
      digest: deleted.digest ?? '',
      approver: 'alice',
      via: 'PlanApproval',
      reference: 'approval',
      reason: 'retired',
      expiresAt: Number.MAX_SAFE_INTEGER,
    } as const;
    const approved = planned(declared, state, { approvals: [approval] });
    expect(told(approved.runnable)).toEqual(['DeleteProject web']);
    expect(approved.lossGroups).toEqual([
      { class: 'projects', steps: approved.runnable.slice(-1), approval, reservationId: null },
    ]);
    expect(approved.digest).toBeNull();
  });

  it('neither give nor take grants while two objects claim them', () => {
    const grants = [{ project: 'web', access: 'Read' }] as const;
    const state = organization()
      .project('web')
      .member('bob@acme.example', { grants })
      .record('Member', 'bob@acme.example', { member: null, grants });
    const declared = desired()
      .project('web', { source: { name: 'one' } })
      .project('web', { source: { name: 'two' }, grants: { 'bob@acme.example': 'Write' } });
    const plan = planned(declared, state);
    expect(told(plan.steps)).toEqual([]);
    expect(reasons(plan)).toEqual(['Stalled Conflict web', 'Stalled Conflict web']);
  });

  it('carry the record with the step that makes it true', () => {
    const plan = planned(
      desired().project('web', { secrets: [{ name: 'token', generator }], deletionPolicy: 'Delete' }),
      organization().project('web'),
    );
    expect(stepOf(plan.steps, 'CreateSecret').record).toMatchObject({
      kind: 'Project',
      key: 'web',
      applied: { description: '', secrets: ['token'] },
      deletionPolicy: 'Delete',
    });
  });
});
