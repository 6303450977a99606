import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { accessWhenActive, type EffectiveAccess } from '#model/access.ts';
import { type Capabilities, CELLS } from '#model/capabilities.ts';
import { consequence } from '#model/consequence.ts';
import type { GroupGrant } from '#model/groups.ts';
import type { MemberAccess, ProjectScope } from '#model/organization.ts';
import { raisesOfPerson } from '#model/raises.ts';
import { capabilities } from '#test/builders/arbitrary.ts';
import { NOW, organization } from '#test/builders/organization.ts';

interface Held {
  readonly role?: 'Admin' | 'Member';
  readonly cells?: Capabilities;
  readonly scope?: ProjectScope;
  readonly own?: ProjectScope | null;
  readonly grants?: MemberAccess['grants'];
  readonly groups?: readonly GroupGrant[];
}

function accessOf(held: Held): EffectiveAccess {
  const { role = 'Member', cells = {}, scope = 'All', own = null, grants = [], groups = [] } = held;
  const member = { role, template: 'its-own', projectScope: own, grants };
  return accessWhenActive(member, () => ({ capabilities: cells, projectScope: scope }), groups, NOW);
}

const raises = (before: Held | null, after: Held): string[] =>
  raisesOfPerson(before === null ? null : accessOf(before), accessOf(after));

const write = { project: 'web', access: 'Write' } as const;
const ADMIN = ['Admin', 'Projects: Manage in all projects'];
const MAKER = ['Machines: Manage with Secrets: Manage in web'];

describe('a raise of a person (rail 2)', () => {
  test.each<[string, Held | null, Held, string[]]>([
    ['who is invited as an admin', null, { role: 'Admin' }, ADMIN],
    ['who becomes an admin', {}, { role: 'Admin' }, ADMIN],
    ['who gets a vault-wide cell', {}, { cells: { Trash: ['Purge'] } }, ['Trash: Purge']],
    ['who sees what others did', {}, { cells: { 'Audit log': ['View others'] } }, ['Audit log: View others']],
    [
      'whose template comes to act in all projects',
      { cells: { Secrets: ['Manage'] }, scope: ['web'] },
      { cells: { Secrets: ['Manage'] } },
      ['Secrets: Manage in all projects'],
    ],
    [
      'whose own scope no longer narrows their template',
      { cells: { Secrets: ['Manage'] }, own: ['web'] },
      { cells: { Secrets: ['Manage'] } },
      ['Secrets: Manage in all projects'],
    ],
    [
      'who keeps machines and may now set values, by a grant',
      { cells: { Machines: ['Manage'] } },
      { cells: { Machines: ['Manage'] }, grants: [write] },
      MAKER,
    ],
    [
      'who keeps machines and may now set values, by a group',
      { cells: { Machines: ['Manage'] } },
      { cells: { Machines: ['Manage'] }, groups: [{ ...write, group: 'web-people' }] },
      MAKER,
    ],
    [
      'who may set values and now keeps machines',
      { grants: [write] },
      { cells: { Machines: ['Manage'] }, grants: [write] },
      ['Machines: Manage', ...MAKER],
    ],
  ])('is one %s', (_, before, after, what) => {
    expect(raises(before, after)).toEqual(what);
  });

  test.each<[string, Held | null, Held]>([
    ['who is invited as a member', null, {}],
    ['who sees all there is', null, { cells: { Secrets: ['View'], Machines: ['View'], Support: ['View'] } }],
    ['who sees the other members', {}, { cells: { Organization: ['View members'] } }],
    ['who may make projects', {}, { cells: { Projects: ['Create'] } }],
    ['who may write to one project', {}, { grants: [write] }],
    ['whose template acts in two projects', {}, { cells: { Secrets: ['Manage'] }, scope: ['api', 'web'] }],
    ['who was more than that', { role: 'Admin', cells: { Trash: ['Purge'] } }, { role: 'Admin' }],
    ['who gets the same by another way', { grants: [write] }, { groups: [{ ...write, group: 'all' }] }],
  ])('is none %s', (_, before, after) => {
    expect(raises(before, after)).toEqual([]);
  });

  it('is there for each cell that a template can give vault-wide, but for those that only show and Projects: Create', () => {
    const given = CELLS.filter(({ scope, ownerOnly }) => scope === 'vault' && !ownerOnly);
    const raised = given.filter(
      ({ category, cell }) => raises(null, { cells: { [category]: [cell] } }).length > 0,
    );
    expect(given.filter((cell) => !raised.includes(cell)).map(({ id }) => id)).toEqual([
      'Machines: View',
      'Audit log: View',
      'Alerts: View',
      'IP allowlist: View',
      'Integrations: View',
      'Trash: View',
      'Projects: Create',
      'Templates: View',
      'Organization: View members',
      'Support: View',
    ]);
  });

  const scope = fc.oneof(fc.constant('All' as const), fc.subarray(['api', 'web']));
  const grants = fc
    .subarray(['api', 'web'])
    .map((projects) => projects.map((project) => ({ project, access: 'Write' as const })));
  const held: fc.Arbitrary<Held> = fc.record({
    role: fc.constantFrom('Admin' as const, 'Member' as const),
    cells: capabilities,
    scope,
    own: fc.oneof(fc.constant(null), scope),
    grants,
  });

  it('is none where nothing is gained', () => {
    fc.assert(
      fc.property(held, (one) => {
        expect(raises(one, one)).toEqual([]);
      }),
    );
  });

  it('is in one of the parts, however it is cut in two', () => {
    fc.assert(
      fc.property(held, held, held, (before, between, after) => {
        fc.pre(raises(before, after).length > 0);
        expect(raises(before, between).length + raises(between, after).length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('a step says whom it raises by what (rail 2)', () => {
  const state = organization()
    .project('web', ['key'])
    .template('keepers', { Machines: ['View'] })
    .member('bob@acme.example', { template: 'keepers', grants: [write] })
    .member('eve@acme.example', { template: 'keepers' })
    .build();

  it('for all who hold a template', () => {
    const [before] = state.templates;
    if (before === undefined) throw new Error('no template');
    const { description, capabilities: was, projectScope } = before;
    const { changes } = consequence(
      state,
      {
        kind: 'UpdateTemplate',
        key: 'keepers',
        before: { description, capabilities: was, projectScope },
        after: { description, capabilities: { Machines: ['View', 'Manage'] }, projectScope },
      },
      NOW,
    );
    expect(changes.map(({ who, raised }) => [who, raised])).toEqual([
      ['bob@acme.example', ['Machines: Manage', ...MAKER]],
      ['eve@acme.example', ['Machines: Manage']],
    ]);
  });

  it('where the role gives no cell that the template did not give before', () => {
    const baseline = {
      'Audit log': ['View'],
      Projects: ['Create', 'View', 'Manage'],
      Organization: ['View members'],
    };
    const stewards = organization()
      .template('stewards', baseline)
      .member('bob@acme.example', { template: 'stewards' });
    const held = { template: 'stewards', projectScope: null, grants: [] } as const;
    const { changes, gain } = consequence(
      stewards.build(),
      {
        kind: 'SetMemberAccess',
        key: 'bob@acme.example',
        before: { ...held, role: 'Member' },
        after: { ...held, role: 'Admin' },
      },
      NOW,
    );
    expect(changes).toEqual([{ who: 'bob@acme.example', gained: [], lost: [], raised: ['Admin'] }]);
    expect(gain).toBe(true);
  });
});
