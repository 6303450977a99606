import { describe, expect, it } from 'vitest';
import { renderText } from '#planning/render-text.ts';
import { desired, RAILS, settled } from '#test/builders/desired.ts';
import { organization } from '#test/builders/organization.ts';
import { planned } from '#test/builders/planned.ts';

const base = () => organization().with(settled(organization().build()));

describe('a plan as text', () => {
  it('is empty where there is nothing to say', () => {
    expect(renderText(planned(desired(), base()))).toBe('');
  });

  it('names held losses first, then who leaves, then who gains and loses, then the steps', () => {
    const state = organization()
      .project('web', ['token'])
      .project('api', ['key'])
      .project('old', ['key'])
      .template('developers', { Secrets: ['View'] })
      .member('bob@acme.example', { grants: [{ project: 'web', access: 'Write' }] })
      .member('carol@acme.example')
      .member('dan@acme.example')
      .ours();
    const { records } = state.build();
    state.with({
      records: records.map((r) => (r.kind === 'Project' ? { ...r, deletionPolicy: 'Delete' } : r)),
    });
    state.with(settled(state.build(), RAILS));
    const keep = { deletionPolicy: 'Delete' } as const;
    const token = [{ name: 'token', generator: null }];
    const key = [{ name: 'key', generator: null }];
    const declared = desired()
      .project('web', { ...keep, secrets: token })
      .project('api', { ...keep, secrets: key })
      .template('developers', { Secrets: ['View'] })
      .member('carol@acme.example', {
        template: 'developers',
        source: { provenance: { commit: '0123456789abcdef', author: 'alice', path: 'org/carol.yaml' } },
      })
      .member('dan@acme.example')
      .machine('ci', [{ project: 'web', secrets: ['token'] }], { key: null });
    const plan = planned(declared, state);
    expect(
      renderText(plan),
    ).toBe(`HELD by rail 1 (LossBudget): Secrets destroyed with their project: 1; seven days may lose 0.
  next: Take it back in Git if it was not meant. Or let it happen:
      seneschal approve ${plan.digest}
  - DeleteProject old: declared no longer; deletionPolicy Delete

Leaving:
  - RemoveMember bob@acme.example: declared no longer

Who gains (+) and who loses (-) access:
  carol@acme.example
    + Secrets: View in all projects
  ci
    + web/token
  bob@acme.example
    - Audit log: View; Projects: View in web; Secrets: View, Manage in web

Rotate afterwards (M2):
  Member bob@acme.example: RotationAdvised: bob@acme.example could hand out or read web/token.
    next: Rotate them once the person is removed (M2).

Steps:
  + SetMemberAccess carol@acme.example: template: none -> developers
      claimed: commit 0123456789ab, org/carol.yaml, by alice

Left to the operator:
  + RegisterMachine ci: not in the vault
  + SetMachineAccess ci: grants: +web, +web/token

People see names and metadata in the vault, never values; machines read values.
To release all that is held:
  seneschal approve ${plan.digest}
`);
  });

  it('says where a thing is declared, and once what holds for several', () => {
    const declared = ['eve', 'fay'].reduce(
      (some, name) =>
        some.member(`${name}@acme.example`, { source: { provenance: { path: 'people.yaml' } } }),
      desired(),
    );
    const plan = planned(
      declared
        .project('web', { secrets: [{ name: 'token', generator: null }] })
        .machine('ci', [{ project: 'web', secrets: ['token'] }]),
      base().project('web').ours(),
    );
    const text = renderText(plan, { placeOf: ({ name }) => `${name}.yaml:2` });
    expect(text).toContain('+ InviteMember eve@acme.example: not in the organization (eve.yaml:2)\n');
    expect(text).not.toContain('people.yaml');
    expect(text).toContain('  eve@acme.example, fay@acme.example\n    + Audit log: View\n');
    expect(text).toContain('  MachineBinding ci (ci.yaml:2), Project web (web.yaml:2): SecretMissing: ');
  });

  it('stays within 100 columns but for what is copied whole', () => {
    const emails = Array.from({ length: 30 }, (_, index) => `person-${index}@acme.example`);
    const state = emails.reduce((some, email) => some.member(email), base()).ours();
    const text = renderText(planned(desired().member('other@acme.example'), state));
    const long = text.split('\n').filter((line) => line.length > 100 && !/^ *seneschal /.test(line));
    expect(long).toEqual([]);
  });
});
