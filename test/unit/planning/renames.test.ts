import { describe, expect, it } from 'vitest';
import { desired, entry, RAILS, settled } from '#test/builders/desired.ts';
import { applySteps } from '#test/builders/oracle.ts';
import { HOUR, NOW, organization } from '#test/builders/organization.ts';
import { planned, reasons, stepOf, told } from '#test/builders/planned.ts';

const MONTH = 30 * 24 * HOUR;
const ANN = 'ann@acme.example';
const READS = { grants: [{ project: 'payments', access: 'Read' as const }] };
const BILLING = { renamedFrom: 'payments' };

/** Payments, with a secret, a person and a machine in it, all as this manager declared it. */
function there() {
  return organization()
    .project('payments', ['key'])
    .member(ANN, READS)
    .machine('api', [{ project: 'payments', secrets: ['key'] }])
    .ours();
}

/** The same by the new name. */
const renamed = () =>
  desired()
    .project('billing', { ...BILLING, secrets: [{ name: 'key', generator: null }] })
    .member(ANN, { grants: { billing: 'Read' } })
    .machine('api', [{ project: 'billing', secrets: ['key'] }]);

describe('a rename (P2)', () => {
  it('is one step, and all that names it by the new name in the same commit is as it was', () => {
    const plan = planned(renamed(), there());
    expect(told(plan.runnable)).toEqual(['RenameProject billing']);
    const step = stepOf(plan.steps, 'RenameProject');
    expect(step.action).toMatchObject({ before: { name: 'payments' }, after: { name: 'billing' } });
    expect(step.consequence).toEqual({ loss: null, gain: false, changes: [] });
    expect(reasons(plan)).toEqual([]);

    const state = applySteps(there().build(), plan.runnable, NOW);
    expect(state.projects).toEqual([{ id: 'prj_payments', name: 'billing', description: '' }]);
    expect(state.secrets).toMatchObject([{ id: 'sec_payments_key', project: 'billing' }]);
    const again = planned(renamed(), { build: () => state });
    expect(again.steps).toEqual([]);
    expect(reasons(again)).toEqual([]);
  });

  it('of a template keeps who holds it', () => {
    const state = organization().template('devs').member(ANN, { template: 'devs' }).ours();
    const declared = desired()
      .template('developers', undefined, undefined, { renamedFrom: 'devs' })
      .member(ANN, { template: 'developers' });
    const plan = planned(declared, state);
    expect(told(plan.runnable)).toEqual(['RenameTemplate developers']);
    expect(applySteps(state.build(), plan.runnable, NOW).members).toMatchObject([
      { template: 'developers' },
      {},
    ]);
  });

  it('goes before what else the commit changes of it, which is planned by the new name', () => {
    const declared = desired()
      .project('billing', { ...BILLING, description: 'money', secrets: [{ name: 'key', generator: null }] })
      .member(ANN, { grants: { billing: 'Write' } });
    const plan = planned(declared, there());
    expect(told(plan.runnable).slice(0, 3)).toEqual([
      'RenameProject billing',
      'UpdateProject billing',
      `SetMemberAccess ${ANN}`,
    ]);
    expect(stepOf(plan.steps, 'SetMemberAccess').consequence.changes[0]?.gained).not.toEqual([]);
  });

  it('gives nothing back that a person cut by the former name (rail 7)', () => {
    const state = there()
      .with({ machines: [], members: organization().member(ANN).build().members })
      .tombstone('Member', ANN, 'GrantRemoved', { item: 'payments' })
      .tombstone('MachineBinding', 'api', 'GrantRemoved', { item: 'payments/key' })
      .machine('api', [{ project: 'payments', secrets: [] }]);
    const plan = planned(renamed(), state);
    expect(told(plan.runnable)).toEqual([
      'RenameProject billing',
      'Claim MachineBinding/api',
      `Claim Member/${ANN}`,
    ]);
    expect(reasons(plan)).toEqual(['Stalled ReinstateNeeded api', `Stalled ReinstateNeeded ${ANN}`]);
  });

  it('acts once: what is made anew by the former name is another thing, and the line may stay', () => {
    const state = applySteps(there().build(), planned(renamed(), there()).runnable, NOW);
    const declared = renamed().project('payments');
    const plan = planned(declared, { build: () => state });
    expect(told(plan.runnable)).toEqual(['CreateProject payments']);
    const then = applySteps(state, plan.runnable, NOW);
    expect(told(planned(declared, { build: () => then }).steps)).toEqual([]);
    // Where that is declared no more, the line still acts on nothing.
    expect(told(planned(renamed(), { build: () => then }).steps)).toEqual(['Release Project/payments']);
  });

  it('may hand a name on: what had it before goes first', () => {
    const state = organization().project('a', ['of-a']).project('b', ['of-b']).ours();
    const declared = desired().project('b', { renamedFrom: 'a' }).project('c', { renamedFrom: 'b' });
    const plan = planned(declared, state);
    expect(told(plan.runnable).slice(0, 2)).toEqual(['RenameProject c', 'RenameProject b']);
    const then = applySteps(state.build(), plan.runnable, NOW);
    expect(then.secrets.map(({ project, name }) => `${project}/${name}`)).toEqual(['b/of-a', 'c/of-b']);
  });
});

it('takes no name that a rename of another namespace leaves in the same commit', () => {
  const access = [entry('team', ['Project'], { projects: ['a', 'b'] })];
  const state = organization()
    .project('a')
    .record('Project', 'a', { description: '', secrets: [] }, { origin: 'team', deletionPolicy: 'Orphan' })
    .project('b')
    .ours();
  state.with(settled(state.build(), { ...RAILS, access }));
  const declared = desired()
    .rails({ access })
    .with({ origins: null })
    .project('c', { renamedFrom: 'b' })
    .project('b', { renamedFrom: 'a', source: { namespace: 'team' } });
  const plan = planned(declared, state);
  expect(told(plan.steps)).toEqual(['RenameProject c']);
  expect(reasons(plan)).toEqual(['Stalled NameKept b']);
});

describe('a rename that waits', () => {
  const untouched = (declared: Parameters<typeof planned>[0], state: Parameters<typeof planned>[1]) => {
    const plan = planned(declared, state);
    expect(told(plan.steps).filter((step) => !step.startsWith('Claim'))).toEqual([]);
    return reasons(plan);
  };

  it('while an object declares the former name, as while a commit is applied before it is pruned', () => {
    const declared = renamed().project('payments', { secrets: [{ name: 'key', generator: null }] });
    expect(untouched(declared, there())).toEqual([
      'Waiting RenameWaiting api',
      `Waiting RenameWaiting ${ANN}`,
      'Waiting RenameWaiting billing',
    ]);
  });

  it('and gives nothing of it meanwhile to what did not name it before', () => {
    const state = organization().project('payments', ['key']).machine('api').member(ANN).ours();
    const declared = renamed().project('payments', { secrets: [{ name: 'key', generator: null }] });
    const plan = planned(declared, state);
    expect(told(plan.steps)).toEqual([]);
    expect(reasons(plan)).toEqual([
      'Waiting ProjectNotFound api',
      `Waiting ProjectNotFound ${ANN}`,
      'Waiting RenameWaiting billing',
    ]);
  });

  it('while an object of another namespace names it; the finding lists it, and all goes on as before', () => {
    const access = [entry('team', ['MachineBinding'], { projects: ['payments'] })];
    const theirs = { source: { namespace: 'team' } };
    const state = organization()
      .project('payments', ['key'])
      .member(ANN, READS)
      .machine('api', [{ project: 'payments', secrets: ['key'] }])
      .machine('theirs', [{ project: 'payments', secrets: [] }])
      .record(
        'MachineBinding',
        'theirs',
        { access: [{ project: 'payments', secrets: [] }] },
        { origin: 'team', deletionPolicy: 'Revoke' },
      )
      .ours();
    state.with(settled(state.build(), { ...RAILS, access }));
    const declared = renamed()
      .rails({ access })
      .with({ origins: null })
      .machine('theirs', [{ project: 'payments', secrets: [] }], theirs);
    const plan = planned(declared, state);
    expect(told(plan.steps)).toEqual([]);
    expect(plan.findings.filter(({ reason }) => reason !== 'RenameWaiting')).toMatchObject([
      {
        reason: 'RenameReferenced',
        subject: { key: 'billing' },
        message: expect.stringContaining('MachineBinding team/theirs'),
      },
    ]);

    // A run that does not speak for that namespace knows it by its record.
    const alone = planned(renamed().rails({ access }), state);
    expect(alone.findings.filter(({ reason }) => reason !== 'RenameWaiting')).toMatchObject([
      { reason: 'RenameReferenced', message: expect.stringContaining('MachineBinding theirs') },
    ]);
  });

  it.each([
    ['two objects would come of it', 'RenameWaiting', renamed().project('other', BILLING), there()],
    ['not all could be read', 'RenameWaiting', renamed().with({ complete: false }), there()],
    [
      'an object of the former name cannot be read',
      'RenameWaiting',
      renamed().with({
        incomplete: [
          {
            kind: 'Project',
            key: 'payments',
            source: desired().project('x').build().projects[0]?.source as never,
          },
        ],
      }),
      there(),
    ],
    ['the identity is bounded to projects', 'NotDelegated', renamed(), there().with({ bounded: true })],
    ['the tier lapsed', 'PlanLapsed', renamed(), lapsed()],
  ] as const)('where %s', (_, reason, declared, state) => {
    expect(new Set(untouched(declared, state).map((line) => line.split(' ')[1]))).toContain(reason);
  });

  function lapsed() {
    const state = there();
    const { plan } = state.build();
    return state.with({ plan: { ...plan, lapsedAt: NOW - 1 } });
  }
});

describe('a line that does nothing', () => {
  it.each([
    ['the vault has no such project', organization(), 'no project payments from acme'],
    ['nobody declared it', organization().project('payments', ['key']), 'no project payments from acme'],
    [
      'another manager has it',
      organization().project('payments').record('Project', 'payments', {}, { manager: 'else/where' }),
      'no project payments from acme',
    ],
    [
      'it came from another namespace',
      organization()
        .project('payments')
        .record('Project', 'payments', { description: '', secrets: [] }, { origin: 'team' }),
      'no project payments from acme',
    ],
  ])('where %s: it is made anew, and the plan says why', (_, state, why) => {
    const plan = planned(desired().project('billing', BILLING), state);
    expect(told(plan.runnable)).toEqual(['CreateProject billing']);
    expect(plan.findings.find(({ reason }) => reason === 'RenameIgnored')?.message).toContain(why);
  });

  it('where the vault has something of the new name', () => {
    const state = organization().project('payments', ['key']).project('billing').ours();
    const plan = planned(desired().project('billing', BILLING), state);
    expect(told(plan.steps)).toEqual(['Release Project/payments']);
    expect(reasons(plan)).toEqual(['Info RenameIgnored billing']);
  });

  it('where each is what the other was: lines of former times are no swap', () => {
    const state = organization().project('a', ['s']).project('b').ours();
    const declared = desired()
      .project('a', { renamedFrom: 'b', secrets: [{ name: 's', generator: null }] })
      .project('b', { renamedFrom: 'a' });
    const plan = planned(declared, state);
    expect(told(plan.steps)).toEqual([]);
    expect(reasons(plan)).toEqual(['Info RenameIgnored a', 'Info RenameIgnored b']);
  });

  it('for good: what was made anew beside it does not come of what has the name later', () => {
    const declared = desired().project('billing', BILLING);
    const state = applySteps(organization().build(), planned(declared, organization()).runnable, NOW);
    const both = desired().project('billing', BILLING).project('payments');
    const then = applySteps(state, planned(both, { build: () => state }).runnable, NOW);
    expect(reasons(planned(both, { build: () => then }))).toEqual([]);
    expect(told(planned(declared, { build: () => then }).steps)).toEqual(['Release Project/payments']);
  });

  it('tells another namespace the same of what is there and of what is not', () => {
    const rails = { access: [entry('team', ['Project'], { projects: ['mine'] })] };
    const line = { renamedFrom: 'payments', source: { namespace: 'team' } };
    const told = [there(), organization()].map((state) => {
      const own = state
        .project('mine')
        .record(
          'Project',
          'mine',
          { description: '', secrets: [] },
          { origin: 'team', deletionPolicy: 'Orphan' },
        );
      own.with(settled(own.build(), { ...RAILS, ...rails }));
      const declared = desired()
        .rails(rails)
        .with({ origins: ['team'] })
        .project('mine', line);
      return planned(declared, own).findings.filter(({ subject }) => subject.key === 'mine');
    });
    expect(told[0]).toEqual(told[1]);
  });
});

describe('the former name', () => {
  const later = () => applySteps(there().build(), planned(renamed(), there()).runnable, NOW);

  it('is its origin’s for 30 days: nobody else declares it, and the plan says until when', () => {
    const access = [entry('team', ['Project'], { projects: ['payments'] })];
    const state = later();
    const rails = { ...state, ...settled(state, { ...RAILS, access }) };
    const declared = renamed()
      .rails({ access })
      .with({ origins: null })
      .project('payments', { source: { namespace: 'team' } });
    const plan = planned(declared, { build: () => rails });
    expect(told(plan.steps)).toEqual([]);
    expect(reasons(plan)).toEqual(['Stalled NameKept payments']);
    expect(plan.wakeAt).toBe(NOW + MONTH);
    const then = planned(declared, { build: () => rails }, {}, NOW + MONTH);
    expect(told(then.runnable)).toEqual(['CreateProject payments']);
  });
});

it('without the line, the plan says that a new project with new values is made and the old one stays', () => {
  const plan = planned(desired().project('billing'), organization().project('payments', ['key']).ours());
  expect(told(plan.steps)).toEqual(['CreateProject billing', 'Release Project/payments']);
  expect(plan.findings).toMatchObject([
    {
      reason: 'MadeAnew',
      message: 'billing is a new project, with new values; declared no more, and left as it is: payments.',
      next: expect.stringContaining('spec.renamedFrom: payments'),
    },
  ]);
});
