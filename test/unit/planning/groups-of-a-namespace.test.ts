import { describe, expect, it } from 'vitest';
import { desired } from '#test/builders/desired.ts';
import { organization } from '#test/builders/organization.ts';
import { planned, reasons, told } from '#test/builders/planned.ts';

const ANN = 'ann@acme.example';
const BOB = 'bob@acme.example';
const read = (project: string) => ({ project, access: 'Read' }) as const;
const ENTRY = {
  namespace: 'team',
  kinds: ['Group' as const],
  roles: [],
  templates: [],
  cells: {},
  projects: ['web'],
};
const there = () => organization().project('web').project('payments').member(ANN).member(BOB);
const declared = (grants: Readonly<Record<string, 'Read'>>) =>
  desired()
    .rails({ access: [ENTRY] })
    .with({ origins: ['acme', 'team'] })
    .project('web')
    .project('payments')
    .member(ANN)
    .member(BOB)
    .group('ops', [ANN, BOB], { grants, source: { namespace: 'team' } });
const managed = (state: ReturnType<typeof there>) =>
  state.record('Organization', state.build().vaultId, {
    displayName: null,
    rails: declared({}).build().organization.fields.rails,
  });

describe('a Group of another namespace', () => {
  it('gives in the projects of its entry alone', () => {
    const within = planned(declared({ web: 'Read' }), managed(there().ours()));
    expect(told(within.steps)).toEqual(['CreateGroup ops']);
    const beyond = planned(declared({ web: 'Read', payments: 'Read' }), managed(there().ours()));
    expect(told(beyond.steps)).toEqual([]);
    expect(reasons(beyond)).toEqual(['Stalled NotAllowed ops']);
  });

  it('takes over none that people made, though it asks for it', () => {
    const plan = planned(
      declared({ web: 'Read' }),
      managed(
        there()
          .ours()
          .group('ops', [ANN], [read('payments')]),
      ),
    );
    expect(told(plan.steps)).toEqual([]);
    expect(reasons(plan)).toContain('Stalled NotAllowed ops');
  });

  it('says no more who is in it once people gave it a project beyond its entry; a Project object of the organization may', () => {
    const state = () =>
      managed(
        there()
          .group('ops', [ANN], [read('payments')])
          .record(
            'Group',
            'ops',
            { group: { description: '' }, members: [ANN], grants: [] },
            { origin: 'team' },
          )
          .ours(),
      );
    expect(reasons(planned(declared({}), state()))).toContain('Stalled NotAllowed ops');
    const { projects } = declared({}).build();
    const granted = declared({}).with({
      projects: projects.map((project) =>
        project.name === 'payments'
          ? { ...project, groupGrants: [{ group: 'ops', access: 'Read' as const }] }
          : project,
      ),
    });
    const plan = planned(granted, state());
    expect(told(plan.steps)).toEqual(['UpdateGroup ops']);
    expect(reasons(plan)).toEqual([]);
  });

  it('gets nothing that Project objects grant a group of that name, which may be another one', () => {
    const granting = (project: string) =>
      declared({ web: 'Read' }).with({
        projects: declared({})
          .build()
          .projects.map((one) =>
            one.name === project
              ? { ...one, groupGrants: [{ group: 'ops', access: 'Write' as const }] }
              : one,
          ),
      });
    const state = () => managed(there().ours());
    const plan = planned(granting('payments'), state());
    expect(told(plan.steps)).toEqual([]);
    expect(reasons(plan)).toContain('Stalled NotAllowed ops');
    expect(told(planned(granting('web'), state()).steps)).toEqual(['CreateGroup ops']);
  });

  it('is not the one that only grants of Project objects brought under management', () => {
    const state = managed(
      there()
        .group('ops', [ANN])
        .record('Group', 'ops', { group: null, members: [], grants: [] }, { origin: 'team' })
        .ours(),
    );
    const plan = planned(declared({ web: 'Read' }), state);
    expect(told(plan.steps)).toEqual([]);
    expect(reasons(plan)).toContain('Stalled NotAllowed ops');
  });

  it('adopts none, though its annotation names the id', () => {
    const adopting = desired()
      .rails({ access: [ENTRY] })
      .with({ origins: ['acme', 'team'] })
      .project('web')
      .project('payments')
      .member(ANN)
      .member(BOB)
      .group('ops', [BOB], { source: { namespace: 'team', adopt: 'grp_ops' } });
    const refused = planned(adopting, managed(there().ours().group('ops', [ANN])));
    expect(told(refused.steps)).toEqual([]);
    expect(reasons(refused)).toContain('Stalled NotAllowed ops');
  });

  it('is told in one text whatever is wrong: neither whether there is such a group nor what it gives', () => {
    const states = [
      there()
        .ours()
        .group('ops', [ANN], [read('payments')]),
      there()
        .ours()
        .group('ops', [ANN], [read('web')]),
      there()
        .group('ops', [ANN], [read('payments')])
        .record(
          'Group',
          'ops',
          { group: { description: '' }, members: [ANN], grants: [] },
          { origin: 'team' },
        )
        .ours(),
    ];
    const texts = states.map((state) => {
      const finding = planned(declared({ web: 'Read' }), managed(state)).findings.find(
        ({ reason }) => reason === 'NotAllowed',
      );
      return `${finding?.message} ${finding?.next}`;
    });
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).not.toMatch(/vault|payments/);
  });

  it('goes on while the Project object of another namespace that grants it something cannot be read', () => {
    const unread = (namespace: string) => {
      const { projects, organization: at } = declared({}).build();
      const source = { ...at.source, kind: 'Project' as const, namespace, name: 'payments' };
      return declared({ web: 'Read' }).with({
        projects: projects.filter(({ name }) => name === 'web'),
        incomplete: [{ kind: 'Project', key: 'payments', source }],
      });
    };
    const state = (origin: string) =>
      managed(
        there()
          .group('ops', [ANN], [read('payments')])
          .record(
            'Group',
            'ops',
            { group: { description: '' }, members: [ANN], grants: [read('payments')] },
            { origin: 'team' },
          )
          .record('Project', 'payments', { description: '', secrets: [] }, { origin })
          .ours(),
      );
    expect(told(planned(unread('acme'), state('acme')).steps)).toEqual(['UpdateGroup ops']);
    expect(reasons(planned(unread('team'), state('team')))).toContain('Stalled NotAllowed ops');
  });
});
