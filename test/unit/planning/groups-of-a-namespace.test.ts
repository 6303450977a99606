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
});
