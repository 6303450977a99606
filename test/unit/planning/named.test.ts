import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ADDITIVE, type Authority } from '#model/authority.ts';
import type { Approvers } from '#model/fields.ts';
import { normalizeEmail } from '#model/organization.ts';
import { NO_NAMES, namesIn } from '#planning/named.ts';
import { plan } from '#planning/plan.ts';
import type { Desired, Names, Source } from '#planning/plan-types.ts';
import { arbitraryDesired, arbitraryOrganization, EMAILS } from '#test/builders/arbitrary.ts';
import { desired, entry, policy, RAILS, settled } from '#test/builders/desired.ts';
import { NOW, organization } from '#test/builders/organization.ts';
import { planned, told } from '#test/builders/planned.ts';

const ANN = 'ann@acme.example';
const CAT = 'cat@acme.example';
const read = { project: 'web', access: 'Read' } as const;
const EXCLUSIVE: Authority = {
  ...{ members: 'Exclusive', groups: 'Exclusive', templates: 'Exclusive' },
  ...{ projects: 'Exclusive', machines: 'Exclusive' },
};

/** Ann is ours; of each kind there is one thing that was never declared. */
const there = () =>
  organization()
    .project('web')
    .member(ANN)
    .ours()
    .member(CAT)
    .group('ops', [ANN], [read])
    .template('free', { Machines: ['View'] })
    .project('empty')
    .machine('ci', []);
const declared = () => desired().project('web').member(ANN);
const ALL = ['CancelInvite', 'DeleteGroup ops', 'DeleteProject empty', 'DeleteTemplate free']
  .concat('DisableMachine ci', `RemoveMember ${CAT}`)
  .filter((step) => step.includes(' '));

/** Steps of a plan under an authority that is in force. */
function steps(declaration: ReturnType<typeof declared>, authority = EXCLUSIVE, state = there()): string[] {
  const whole = declaration.rails({ authority });
  const { rails } = whole.build().organization.fields;
  state.with(settled(state.build(), { ...RAILS, ...rails }));
  return told(planned(whole, state).steps)
    .filter((step) => !step.startsWith('Claim '))
    .sort();
}

const naming = (names: Partial<Names['named']>): Names => ({
  ...NO_NAMES,
  named: { ...NO_NAMES.named, ...names },
});
const approvers = (some: Partial<Approvers>): Approvers => ({ users: [], groups: [], members: [], ...some });
const sourceIn = (kind: Source['kind'], namespace: string): Source => ({
  ...desired().build().organization.source,
  ...{ kind, namespace, name: 'one' },
});

describe('what an object names is not foreign (rail 11)', () => {
  it('goes where no object names it: the control', () => {
    expect(steps(declared())).toEqual(ALL);
  });

  it('though the object does not count, because its namespace may not bring it', () => {
    const team = { source: { namespace: 'team' } };
    const kinds = ['Member', 'Group', 'PermissionTemplate', 'Project', 'MachineBinding'] as const;
    const refused = declared()
      .rails({ access: [entry('team', kinds, { roles: [] })] })
      .with({ origins: null })
      .member(CAT, team)
      .group('ops', [], { ...team, grants: { web: 'Read' } })
      .template('free', { Machines: ['View'] }, 'All', team.source)
      .project('empty', team)
      .machine('ci', [{ project: 'web', secrets: [] }], team);
    expect(steps(refused)).toEqual([]);
  });

  it('though the object cannot be read, and its namespace brought nothing before', () => {
    const access = [entry('team', ['Member', 'MachineBinding'])];
    const unread = declared()
      .rails({ access })
      .with({
        origins: null,
        incomplete: [
          { kind: 'Member', key: CAT, source: sourceIn('Member', 'team') },
          { kind: 'MachineBinding', key: 'ci', source: sourceIn('MachineBinding', 'team') },
        ],
      });
    expect(steps(unread, { ...ADDITIVE, members: 'Exclusive', machines: 'Exclusive' })).toEqual([]);
  });

  it('though no entry lists the namespace of the object', () => {
    const uncounted = naming({
      Member: [CAT],
      Group: ['ops'],
      PermissionTemplate: ['free'],
      Project: ['empty'],
      MachineBinding: ['ci'],
    });
    expect(steps(declared().with({ uncounted }))).toEqual([]);
  });

  it.each([
    ['lists in a group', () => declared().group('some', [CAT])],
    ['names as the owner', () => declared().owner(CAT)],
    ['names as a required admin', () => declared().rails({ requiredAdmins: [CAT] })],
    ['names as an approver', () => declared().rails({ approvers: approvers({ members: [CAT] }) })],
    ['names as an approver by user name', () => declared().rails({ approvers: approvers({ users: [CAT] }) })],
  ])('where it is a person whom an object %s', (_what, declaration) => {
    expect(steps(declaration())).not.toContain(`RemoveMember ${CAT}`);
  });

  it('is told still, as what no object declares', () => {
    const whole = declared().group('some', [CAT]).rails({ authority: EXCLUSIVE });
    const { rails } = whole.build().organization.fields;
    const state = there();
    const { findings } = planned(whole, state.with(settled(state.build(), { ...RAILS, ...rails })));
    expect(findings.filter(({ reason }) => reason === 'Foreign').flatMap(({ keys }) => keys)).toEqual([CAT]);
  });

  it.each([
    ['an entry of access', () => declared().rails({ access: [entry('team', [], { projects: ['empty'] })] })],
    ['a member', () => declared().member('dan@acme.example', { grants: { empty: 'Read' } })],
    ['a group', () => declared().group('some', [ANN], { grants: { empty: 'Read' } })],
    ['a template', () => declared().template('some', { Alerts: ['View'] }, ['empty'])],
    ['a machine', () => declared().machine('some', [{ project: 'empty', secrets: [] }])],
  ])('where it is a project that %s refers to', (_what, declaration) => {
    expect(steps(declaration())).not.toContain('DeleteProject empty');
  });

  it.each([
    ['Group', `RemoveMember ${CAT}`],
    ['Project', `RemoveMember ${CAT}`],
    ['Project', 'DeleteGroup ops'],
    ['MachineBinding', 'DeleteProject empty'],
    ['Member', 'DeleteTemplate free'],
  ] as const)('a %s that cannot be read may name it: %s', (kind, step) => {
    for (const namespace of ['acme', 'team']) {
      const incomplete = [{ kind, key: 'unread', source: sourceIn(kind, namespace) }];
      const access = [entry('team', [])];
      expect(steps(declared().rails({ access }).with({ incomplete, origins: null }))).not.toContain(step);
    }
  });
});

describe('over random organizations', () => {
  /** What becomes of the objects of a kind: where they stand, and whether they count. */
  const PLACES = ['counts', 'refused', 'uncounted', 'unread', 'none'] as const;
  type Place = (typeof PLACES)[number];
  const KINDS = ['members', 'groups', 'templates', 'projects', 'machines'] as const;
  type Objects = Pick<Desired, (typeof KINDS)[number]>;
  const places = fc.record(
    Object.fromEntries(KINDS.map((kind) => [kind, fc.constantFrom(...PLACES)])) as Record<
      keyof Objects,
      fc.Arbitrary<Place>
    >,
  );
  interface People {
    readonly owner: string | null;
    readonly requiredAdmins: readonly string[];
    readonly approvers: readonly string[];
  }
  const people: fc.Arbitrary<People> = fc.record({
    owner: fc.option(fc.constantFrom(...EMAILS)),
    requiredAdmins: fc.subarray(EMAILS, { maxLength: 1 }),
    approvers: fc.subarray(EMAILS, { maxLength: 1 }),
  });

  /** The objects of the kinds that are in that place, and none of the others. */
  const inPlace = (whole: Objects, at: Readonly<Record<keyof Objects, Place>>, place: Place): Objects =>
    Object.fromEntries(
      KINDS.map((kind) => [kind, at[kind] === place ? whole[kind] : []]),
    ) as unknown as Objects;

  const elsewhere = <T extends { readonly source: Source }>(items: readonly T[]): readonly T[] =>
    items.map((item) => ({ ...item, source: { ...item.source, namespace: 'team' } }));

  function placed(
    whole: Desired,
    at: Readonly<Record<keyof Objects, Place>>,
    { owner, requiredAdmins, approvers: members }: People,
  ): Desired {
    const { fields } = whole.organization;
    const rails = {
      ...{ ...fields.rails, authority: EXCLUSIVE, access: [entry('team', [])] },
      ...{ requiredAdmins, approvers: { ...fields.rails.approvers, members } },
    };
    const [counts, refused] = [inPlace(whole, at, 'counts'), inPlace(whole, at, 'refused')];
    const unread = inPlace(whole, at, 'unread');
    return {
      ...whole,
      organization: { ...whole.organization, fields: { ...fields, owner, rails } },
      origins: null,
      members: [...counts.members, ...elsewhere(refused.members)],
      groups: [...counts.groups, ...elsewhere(refused.groups)],
      templates: [...counts.templates, ...elsewhere(refused.templates)],
      projects: [...counts.projects, ...elsewhere(refused.projects)],
      machines: [...counts.machines, ...elsewhere(refused.machines)],
      incomplete: [
        ...elsewhere(unread.members).map(({ email, source }) => ({ key: normalizeEmail(email), source })),
        ...elsewhere(unread.machines).map(({ machineName, source }) => ({ key: machineName, source })),
        ...[unread.groups, unread.templates, unread.projects].flatMap((objects) =>
          elsewhere<{ readonly name: string; readonly source: Source }>(objects).map(({ name, source }) => ({
            key: name,
            source,
          })),
        ),
      ].map((object) => ({ ...object, kind: object.source.kind })),
      uncounted: namesIn({ ...inPlace(whole, at, 'uncounted'), incomplete: [] }),
    };
  }

  it('no step of an exclusive plan takes what an object names, wherever it is and whether it counts or not', () => {
    const taken = new Set<string>();
    fc.assert(
      fc.property(arbitraryDesired, arbitraryOrganization, places, people, (whole, state, at, who) => {
        const declaration = placed(whole, at, who);
        const inForce = settled({ ...state, records: [] }, declaration.organization.fields.rails);
        const { steps: all } = plan(declaration, inForce, policy(), NOW);
        const present = PLACES.filter((place) => place !== 'none').map((place) => inPlace(whole, at, place));
        const texts = new Set(textsOf([present, who]));
        for (const { action } of all) {
          if (!TAKING.has(action.kind)) continue;
          taken.add(action.kind);
          expect(texts, `${action.kind} ${action.key}`).not.toContain(action.key);
        }
      }),
      { numRuns: 500 },
    );
    expect([...taken], 'the control: what nobody names is taken').toEqual(
      expect.arrayContaining(['RemoveMember', 'CancelInvite', 'DeleteGroup', 'DisableMachine']),
    );
  });

  const TAKING: ReadonlySet<string> = new Set([
    ...['RemoveMember', 'CancelInvite', 'DeleteGroup', 'DeleteTemplate', 'DeleteProject'],
    ...['DisableMachine', 'RevokeMachine'],
  ]);

  /** By the texts of the objects, whatever their fields are called; a line of former times (P2) names nothing that is. */
  function textsOf(value: unknown): string[] {
    if (typeof value === 'string') return [value];
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([field, part]) => (field === 'renamedFrom' ? [] : textsOf(part)));
  }
});
