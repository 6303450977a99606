import { describe, expect, it } from 'vitest';
import { desired } from '#test/builders/desired.ts';
import { organization } from '#test/builders/organization.ts';
import { planned, reasons, stepOf, told } from '#test/builders/planned.ts';

describe('permission templates', () => {
  it('leave out the cells that the owner alone has (T4)', () => {
    const plan = planned(
      desired().template('leads', { Templates: ['View', 'Manage'], Organization: ['Assign templates'] }),
      organization(),
    );
    expect(stepOf(plan.steps, 'CreateTemplate').action.after).toMatchObject({
      capabilities: { Templates: ['View'] },
    });
    expect(reasons(plan)).toEqual(['Info OwnerOnlyCell leads']);
  });

  it('are left alone where a cell does not exist', () => {
    const plan = planned(
      desired().template('leads', { Secrets: ['Read'] }),
      organization()
        .template('leads', { Secrets: ['View'] })
        .ours(),
    );
    expect(told(plan.steps)).toEqual([]);
    expect(plan.findings[0]).toMatchObject({
      reason: 'InvalidCell',
      message: 'There is no such cell: Secrets: Read.',
      next: 'Secrets has View, Manage.',
    });
  });

  it('compare cells and scopes without regard to their order', () => {
    const state = organization()
      .project('a')
      .project('b')
      .template('t', { Secrets: ['View', 'Manage'] }, ['a', 'b']);
    const declared = desired().template('t', { Secrets: ['Manage', 'View'] }, ['b', 'a']);
    expect(told(planned(declared, state).steps)).toEqual(['Claim PermissionTemplate/t']);
  });

  it('wait whole where the scope names a project that is not there (T1)', () => {
    const plan = planned(desired().template('t', { Secrets: ['View'] }, ['nowhere']), organization());
    expect(told(plan.steps)).toEqual([]);
    expect(reasons(plan)).toEqual(['Waiting ProjectNotFound t']);
  });

  it('are deleted after their holders moved, and removed with those who leave', () => {
    const state = organization()
      .template('old')
      .template('new')
      .template('third')
      .template('fourth')
      .member('a@acme.example', { template: 'old' })
      .member('b@acme.example', { template: 'old' })
      .member('c@acme.example')
      .member('d@acme.example')
      .ours();
    const declared = desired()
      .template('new')
      .template('third')
      .template('fourth')
      .member('a@acme.example', { template: 'new' })
      .member('c@acme.example')
      .member('d@acme.example');
    expect(told(planned(declared, state).runnable)).toEqual([
      'SetMemberAccess a@acme.example',
      'RemoveMember b@acme.example',
      'DeleteTemplate old',
    ]);
  });

  it('stay while a member whom others gave them to holds them', () => {
    const state = organization()
      .template('old')
      .template('new')
      .template('third')
      .ours()
      .member('foreign@acme.example', { template: 'old' });
    const plan = planned(desired().template('new').template('third'), state);
    expect(told(plan.steps)).toEqual([]);
    expect(reasons(plan)).toContain('Waiting TemplateInUse old');
  });

  it('do not go while the step that frees them is held', () => {
    const state = organization()
      .template('old')
      .template('new')
      .template('third')
      .member('b@acme.example', { template: 'old' })
      .member('c@acme.example')
      .ours()
      .lost('people', 2);
    const declared = desired().template('new').template('third').member('c@acme.example');
    const plan = planned(declared, state);
    expect(told(plan.steps)).toEqual(['RemoveMember b@acme.example', 'DeleteTemplate old']);
    expect(told(plan.runnable)).toEqual([]);
  });

  it('lose a cell as a loss of each holder, and gain one as none (T2)', () => {
    const state = organization()
      .template('t', { Alerts: ['View', 'Manage'] })
      .member('a@acme.example', { template: 't' })
      .member('b@acme.example', { template: 't' })
      .ours();
    const people = (cells: readonly string[]) =>
      desired()
        .template('t', { Alerts: cells })
        .member('a@acme.example', { template: 't' })
        .member('b@acme.example', { template: 't' });
    const narrower = stepOf(planned(people(['View']), state).steps, 'UpdateTemplate');
    expect(narrower.consequence).toMatchObject({ loss: { class: 'access', units: 2 }, gain: false });
    const wider = planned(people(['View', 'Manage']).template('u'), state);
    expect(told(wider.steps)).toEqual(['CreateTemplate u']);
  });
});
