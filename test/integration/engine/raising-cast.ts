/**
 * Objects of two commits, of which the second raises somebody, or gives back or takes what is no raise: each part in a way
 * of its own. They share nothing but the project and the templates of `STAGE`.
 */
import { ANNOTATIONS, type CustomResource, type Spec } from '#api/v1alpha1/kinds.ts';
import type { OrganizationState } from '#model/organization.ts';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { NAMESPACE } from '#test/builders/organization.ts';
import { resource } from '#test/builders/resources.ts';
import { access, type TestVault } from '#test/builders/vault.ts';
import { addMembersByPerson, createGroupByPerson, grantToGroupByPerson } from '#vault/groups/group-acts.ts';
import { suspendByPerson } from '#vault/members/member-acts.ts';
import { inviteMember, memberNamed } from '#vault/members/members.ts';
import { trashProject } from '#vault/projects/project-deletion.ts';
import { trashSecret } from '#vault/secrets/secret-deletion.ts';

export interface Part {
  readonly name: string;
  readonly before: readonly CustomResource[];
  /** What people do in the vault between the two commits. */
  people?(vault: TestVault): Promise<unknown>;
  after(vault: OrganizationState): readonly CustomResource[];
  /** Of these machines the second commit comes with another key, which nothing vouches for. */
  readonly lostKeys?: readonly string[];
}

type MemberSpec = Omit<Parameters<typeof resource<'Member'>>[2], 'email'>;

const emailOf = (name: string) => `${name}@acme.example`;
const member = (name: string, spec: MemberSpec = {}) =>
  resource('Member', name, { email: emailOf(name), ...spec });
const template = (
  name: string,
  capabilities: Readonly<Record<string, string[]>>,
  projects?: readonly string[],
) =>
  resource('PermissionTemplate', name, {
    capabilities,
    projectScope: projects === undefined ? { all: true } : { projects: [...projects] },
  });
const held = (name: string, more: MemberSpec = {}): MemberSpec => ({ templateRef: { name }, ...more });
const group = (name: string, members: readonly string[], grants: Spec<'Group'>['grants'] = []) =>
  resource('Group', name, { members: members.map((one) => ({ email: emailOf(one) })), grants });
const binding = (
  name: string,
  project: string,
  { adopt, ...more }: { readonly adopt?: string | undefined; readonly suspend?: boolean } = {},
) =>
  resource(
    'MachineBinding',
    name,
    {
      machineName: name,
      key: { secretName: `${name}-key` },
      projects: [{ name: project, secrets: ['key'] }],
      ...more,
    },
    adopt === undefined ? {} : { annotations: { [ANNOTATIONS.adopt]: adopt } },
  );

/** What the parts stand on, in both commits. */
export const STAGE: readonly CustomResource[] = [
  resource('Project', 'stage', {
    name: 'Stage',
    secrets: ['key', 'other'].map((name) => ({ name, generator: { length: 16 } })),
  }),
  template('purgers', { Trash: ['Purge'] }),
  template('viewers', { Machines: ['View'] }),
  template('writers', { Secrets: ['Manage'] }),
  template('machinists', { Machines: ['Manage'] }),
  template('makers', { Machines: ['Manage'], Secrets: ['Manage'] }),
  template('stewards', {
    'Audit log': ['View'],
    Projects: ['Create', 'View', 'Manage'],
    Organization: ['View members'],
  }),
];
const READ = [{ project: 'Stage', access: 'Read' as const }];
const WRITE = [{ project: 'Stage', access: 'Write' as const }];

/** Ends that are far away (M5), and one that has come. */
const SOME_DAY = { expiresAt: '2990-01-01T00:00:00Z' };
const LATER = { expiresAt: '2995-01-01T00:00:00Z' };
const OVER = { expiresAt: '2020-01-01T00:00:00Z' };
const writeUntil = (end: { readonly expiresAt: string }) => WRITE.map((grant) => ({ ...grant, ...end }));

/** A namespace that the Organization lists, and that is not its own. */
export const TEAM = 'team';
const OF_STAGE: ReadonlySet<string> = new Set(STAGE.map(({ metadata }) => metadata.name));

/** The object as that namespace brings it; templates of the stage stay where they are. */
export function brought(object: CustomResource): CustomResource {
  const { metadata, spec } = object;
  const { templateRef } = spec as Partial<Spec<'Member'>>;
  const isOfStage = templateRef !== undefined && OF_STAGE.has(templateRef.name);
  return {
    ...object,
    metadata: { ...metadata, namespace: TEAM },
    spec: {
      ...spec,
      organizationRef: { name: 'acme', namespace: NAMESPACE },
      ...(isOfStage ? { templateRef: { ...templateRef, namespace: NAMESPACE } } : {}),
    } as CustomResource['spec'],
  };
}

/** Declared in that namespace at first, and beside the Organization then. */
const comesFromTeam = (
  name: string,
  before: readonly CustomResource[],
  after: readonly CustomResource[],
  more: Partial<Part> = {},
): Part => ({ name, before: before.map(brought), after: () => after, ...more });

/** More projects than stay, so that a rail holds the losses of that class. */
const GONE = ['gone-1', 'gone-2', 'gone-3', 'gone-4'];

/** Somebody whose access the second commit sets anew. */
const moved = (name: string, from: MemberSpec, to: MemberSpec): Part => ({
  name,
  before: [member(name, from)],
  after: () => [member(name, to)],
});

export const CAST: readonly Part[] = [
  moved('becomes-admin', {}, { role: 'Admin' }),
  moved('steward-becomes-admin', held('stewards'), held('stewards', { role: 'Admin' })),
  moved('gets-a-cell', {}, held('purgers')),
  moved('gets-a-scope', held('writers', { projectScope: { projects: ['Stage'] } }), held('writers')),
  moved('gets-a-grant', held('machinists'), held('machinists', { grants: WRITE })),
  moved('gets-machines', { grants: WRITE }, held('machinists', { grants: WRITE })),
  moved('makes-machines-everywhere', held('machinists'), held('makers')),
  moved('comes-back', { role: 'Admin', state: 'Suspended' }, { role: 'Admin' }),
  moved('comes-back-as-they-were', { state: 'Suspended' }, {}),
  moved('comes-back-as-more', { state: 'Suspended' }, { role: 'Admin' }),
  moved('loses-and-is-raised', held('viewers'), held('purgers')),
  {
    name: 'leaves-what-is-gone',
    before: [
      ...GONE.map((name) => resource('Project', name, {})),
      member('leaves-what-is-gone', { grants: GONE.map((project) => ({ project, access: 'Read' })) }),
    ],
    after: () => [member('leaves-what-is-gone')],
  },
  { name: 'is-invited', before: [], after: () => [member('is-invited', held('purgers'))] },
  {
    name: 'holds-what-grows',
    before: [template('growing', { Support: ['View'] }), member('holds-what-grows', held('growing'))],
    after: () => [
      template('growing', { Support: ['View', 'Manage'] }),
      member('holds-what-grows', held('growing')),
    ],
  },
  {
    name: 'comes-to-what-grows',
    before: [template('thriving', { Support: ['View'] }), member('comes-to-what-grows')],
    after: () => [
      template('thriving', { Support: ['View', 'Manage'] }),
      member('comes-to-what-grows', held('thriving')),
    ],
  },
  {
    // What takes the cell away may wait for longer than what gives the template.
    name: 'comes-to-what-shrinks',
    before: [
      template('shrinking', { Trash: ['View', 'Purge'] }),
      member('holds-what-shrinks', held('shrinking')),
      member('comes-to-what-shrinks'),
    ],
    after: () => [
      template('shrinking', { Trash: ['View'] }),
      member('holds-what-shrinks', held('shrinking')),
      member('comes-to-what-shrinks', held('shrinking')),
    ],
  },
  {
    name: 'holds-what-reaches-all',
    before: [
      template('reaching', { Secrets: ['Manage'] }, ['Stage']),
      member('holds-what-reaches-all', held('reaching')),
    ],
    after: () => [
      template('reaching', { Secrets: ['Manage'] }),
      member('holds-what-reaches-all', held('reaching')),
    ],
  },
  {
    name: 'writes-by-a-group',
    before: [member('writes-by-a-group')],
    people: ({ context, vaultId, owner }) =>
      context.act(vaultId, owner, async (act) => {
        await createGroupByPerson(act, 'writing', '');
        await grantToGroupByPerson(act, 'writing', 'Stage', { access: 'Write' });
        await addMembersByPerson(act, 'writing', [emailOf('writes-by-a-group')]);
      }),
    after: () => [member('writes-by-a-group', held('machinists'))],
  },
  {
    name: 'was-cut-by-a-person',
    before: [member('was-cut-by-a-person')],
    people: ({ context, vaultId, owner }) =>
      context.act(vaultId, owner, (act) => suspendByPerson(act, emailOf('was-cut-by-a-person'))),
    after: ({ tombstones }) => {
      const cut = tombstones.find(({ key }) => key === emailOf('was-cut-by-a-person'));
      return [member('was-cut-by-a-person', cut === undefined ? {} : { reinstate: cut.entry })];
    },
  },
  {
    name: 'did-not-answer',
    before: [],
    people: ({ context, vaultId, owner }) =>
      context.act(vaultId, owner, async (act) => {
        const key = emailOf('did-not-answer');
        await inviteMember(act, key, access({ role: 'Admin' }));
        const { row } = await memberNamed(act, key);
        await act.db.updateTable('invites').set({ expires_at: 0 }).where('member_id', '=', row.id).execute();
        await act.audit({ action: 'vault.restored', subject: { kind: 'Member', key } });
      }),
    after: ({ members }) => {
      const id = members.find(({ email }) => email === emailOf('did-not-answer'))?.id ?? '';
      const annotations = { [ANNOTATIONS.adopt]: id };
      const spec = { email: emailOf('did-not-answer'), role: 'Admin' as const };
      return [resource('Member', 'did-not-answer', spec, { annotations })];
    },
  },
  {
    name: 'machine-of-people',
    before: [],
    people: (vault) => newMachine(vault, 'machine-of-people', [{ project: 'Stage', secrets: ['key'] }]),
    after: ({ machines }) => [
      binding('machine-of-people', 'Stage', {
        adopt: machines.find(({ name }) => name === 'machine-of-people')?.id,
      }),
    ],
  },
  {
    name: 'project-of-people',
    before: [],
    people: (vault) => setValues(vault, { 'project-of-people/key': 'planted' }),
    after: ({ projects }) => [
      resource(
        'Project',
        'project-of-people',
        {},
        {
          annotations: {
            [ANNOTATIONS.adopt]: projects.find(({ name }) => name === 'project-of-people')?.id ?? '',
          },
        },
      ),
    ],
  },
  {
    name: 'project-of-a-deleted-secret',
    before: [resource('Project', 'cut-project', { secrets: [{ name: 'key', generator: { length: 16 } }] })],
    people: ({ context, vaultId, owner }) =>
      context.act(vaultId, owner, (act) => trashSecret(act, 'cut-project', 'key')),
    after: ({ tombstones }) => {
      const cut = tombstones.find(({ key }) => key === 'cut-project');
      const answer = cut === undefined ? {} : { reinstate: cut.entry };
      const secret = { name: 'key', generator: { length: 16 }, ...answer };
      return [resource('Project', 'cut-project', { secrets: [secret] })];
    },
  },
  {
    name: 'project-that-was-deleted',
    before: [resource('Project', 'gone-project', { secrets: [{ name: 'key', generator: { length: 16 } }] })],
    people: ({ context, vaultId, owner }) =>
      context.act(vaultId, owner, (act) => trashProject(act, 'gone-project')),
    after: ({ tombstones }) => {
      const cut = tombstones.find(({ act }) => act === 'ProjectDeleted');
      return [resource('Project', 'gone-project', cut === undefined ? {} : { reinstate: cut.entry })];
    },
  },
  {
    name: 'lost-its-key',
    before: [binding('lost-its-key', 'Stage')],
    after: () => [binding('lost-its-key', 'Stage')],
    lostKeys: ['lost-its-key'],
  },
  {
    name: 'is-suspended-no-more',
    before: [binding('is-suspended-no-more', 'Stage', { suspend: true })],
    after: () => [binding('is-suspended-no-more', 'Stage')],
  },

  moved('is-an-admin-for-longer', { role: 'Admin', ...SOME_DAY }, { role: 'Admin', ...LATER }),
  moved('is-an-admin-for-good', { role: 'Admin', ...SOME_DAY }, { role: 'Admin' }),
  moved('is-an-admin-for-less-long', { role: 'Admin' }, { role: 'Admin', ...SOME_DAY }),
  moved('is-an-admin-no-more', {}, { role: 'Admin', ...OVER }),
  moved(
    'holds-it-for-longer',
    { templateRef: { name: 'purgers', ...SOME_DAY } },
    { templateRef: { name: 'purgers', ...LATER } },
  ),
  moved(
    'writes-for-longer',
    held('machinists', { grants: writeUntil(SOME_DAY) }),
    held('machinists', { grants: writeUntil(LATER) }),
  ),
  moved('writes-until-it-was-over', held('machinists'), held('machinists', { grants: writeUntil(OVER) })),

  {
    name: 'is-of-a-group-that-is-made',
    before: [member('is-of-a-group-that-is-made', held('machinists'))],
    after: () => [
      member('is-of-a-group-that-is-made', held('machinists')),
      group('group-that-is-made', ['is-of-a-group-that-is-made'], WRITE),
    ],
  },
  {
    name: 'is-put-on-the-list',
    before: [member('is-put-on-the-list', held('machinists')), group('group-with-a-list', [], WRITE)],
    after: () => [
      member('is-put-on-the-list', held('machinists')),
      group('group-with-a-list', ['is-put-on-the-list'], WRITE),
    ],
  },
  {
    name: 'is-of-a-group-that-is-given',
    before: [
      member('is-of-a-group-that-is-given', held('machinists')),
      group('group-that-is-given', ['is-of-a-group-that-is-given'], READ),
    ],
    after: () => [
      member('is-of-a-group-that-is-given', held('machinists')),
      group('group-that-is-given', ['is-of-a-group-that-is-given'], WRITE),
    ],
  },
  {
    name: 'is-of-a-group-that-is-given-for-longer',
    before: [
      member('is-of-a-group-that-is-given-for-longer', held('machinists')),
      group('group-with-an-end', ['is-of-a-group-that-is-given-for-longer'], writeUntil(SOME_DAY)),
    ],
    after: () => [
      member('is-of-a-group-that-is-given-for-longer', held('machinists')),
      group('group-with-an-end', ['is-of-a-group-that-is-given-for-longer'], writeUntil(LATER)),
    ],
  },
  {
    // What people put on the list ends there (M5); what the group gives is bounded by it.
    name: 'is-on-the-list-until',
    before: [member('is-on-the-list-until', held('machinists')), group('group-until', [], READ)],
    people: ({ context, vaultId, owner }) =>
      context.act(vaultId, owner, (act) =>
        addMembersByPerson(
          act,
          'group-until',
          [emailOf('is-on-the-list-until')],
          Date.parse(SOME_DAY.expiresAt),
        ),
      ),
    after: () => [member('is-on-the-list-until', held('machinists')), group('group-until', [], WRITE)],
  },
  {
    name: 'is-of-a-group-that-goes',
    before: [
      member('is-of-a-group-that-goes', held('machinists')),
      group('group-that-goes', ['is-of-a-group-that-goes'], WRITE),
    ],
    after: () => [member('is-of-a-group-that-goes', held('machinists'))],
  },
  {
    // Until the group goes, which may wait, they would have both.
    name: 'gets-machines-as-a-group-goes',
    before: [
      member('gets-machines-as-a-group-goes'),
      group('group-that-goes-too', ['gets-machines-as-a-group-goes'], WRITE),
    ],
    after: () => [member('gets-machines-as-a-group-goes', held('machinists'))],
  },
  {
    name: 'gets-machines-as-a-group-comes',
    before: [member('gets-machines-as-a-group-comes')],
    after: () => [
      member('gets-machines-as-a-group-comes', held('machinists')),
      group('group-that-comes', ['gets-machines-as-a-group-comes'], WRITE),
    ],
  },
  {
    name: 'loses-machines-as-a-group-comes',
    before: [member('loses-machines-as-a-group-comes', held('machinists'))],
    after: () => [
      member('loses-machines-as-a-group-comes'),
      group('group-that-comes-too', ['loses-machines-as-a-group-comes'], WRITE),
    ],
  },
  {
    name: 'is-invited-to-a-group',
    before: [],
    after: () => [
      member('is-invited-to-a-group', held('machinists')),
      group('group-that-waits', ['is-invited-to-a-group'], WRITE),
    ],
  },
  {
    name: 'holds-what-grows-and-is-of-a-group',
    before: [
      template('machining', { Machines: ['View'] }),
      member('holds-what-grows-and-is-of-a-group', held('machining')),
      group('group-of-holders', ['holds-what-grows-and-is-of-a-group'], READ),
    ],
    after: () => [
      template('machining', { Machines: ['View', 'Manage'] }),
      member('holds-what-grows-and-is-of-a-group', held('machining')),
      group('group-of-holders', ['holds-what-grows-and-is-of-a-group'], WRITE),
    ],
  },

  comesFromTeam('comes-as-they-are', [member('comes-as-they-are')], [member('comes-as-they-are')]),
  comesFromTeam(
    'comes-with-a-gain',
    [member('comes-with-a-gain')],
    [member('comes-with-a-gain', { grants: READ })],
  ),
  comesFromTeam(
    'comes-with-a-loss',
    [member('comes-with-a-loss', { grants: READ })],
    [member('comes-with-a-loss')],
  ),
  comesFromTeam(
    'comes-as-an-admin',
    [member('comes-as-an-admin')],
    [member('comes-as-an-admin', { role: 'Admin' })],
  ),
  comesFromTeam(
    'comes-suspended-no-more',
    [member('comes-suspended-no-more', { state: 'Suspended', grants: READ })],
    [member('comes-suspended-no-more', { grants: READ })],
  ),
  comesFromTeam(
    'comes-suspended-no-more-and-changed',
    [member('comes-suspended-no-more-and-changed', { state: 'Suspended', grants: READ })],
    [member('comes-suspended-no-more-and-changed', { grants: WRITE })],
  ),
  comesFromTeam(
    'comes-with-a-template',
    [template('coming', { Support: ['View'] }), member('comes-with-a-template', held('coming'))],
    [
      template('coming', { Support: ['View'], Machines: ['View'] }),
      member('comes-with-a-template', held('coming')),
    ],
  ),
  comesFromTeam(
    'comes-with-a-group',
    [member('comes-with-a-group'), group('group-that-moves', ['comes-with-a-group'], READ)],
    [member('comes-with-a-group'), group('group-that-moves', ['comes-with-a-group'], WRITE)],
  ),
  comesFromTeam(
    'comes-with-a-group-as-it-is',
    [member('comes-with-a-group-as-it-is'), group('group-as-it-is', ['comes-with-a-group-as-it-is'], READ)],
    [member('comes-with-a-group-as-it-is'), group('group-as-it-is', ['comes-with-a-group-as-it-is'], READ)],
  ),
  comesFromTeam(
    'project-that-comes',
    [resource('Project', 'coming-project', {})],
    [resource('Project', 'coming-project', { description: 'of the shop' })],
  ),
  comesFromTeam(
    'machine-that-comes',
    [binding('machine-that-comes', 'Stage', { suspend: true })],
    [binding('machine-that-comes', 'Stage')],
  ),
  comesFromTeam(
    'machine-that-comes-with-more',
    [binding('machine-that-comes-with-more', 'Stage', { suspend: true })],
    [
      resource('MachineBinding', 'machine-that-comes-with-more', {
        machineName: 'machine-that-comes-with-more',
        key: { secretName: 'more-key' },
        projects: [{ name: 'Stage', secrets: ['key', 'other'] }],
      }),
    ],
    { lostKeys: ['machine-that-comes-with-more'] },
  ),
  comesFromTeam(
    'machine-that-comes-without-its-key',
    [binding('machine-that-comes-without-its-key', 'Stage')],
    [binding('machine-that-comes-without-its-key', 'Stage')],
    { lostKeys: ['machine-that-comes-without-its-key'] },
  ),
  {
    name: 'goes-to-team-with-a-gain',
    before: [member('goes-to-team-with-a-gain')],
    after: () => [brought(member('goes-to-team-with-a-gain', { grants: READ }))],
  },
];

const TEMPLATES = CAST.flatMap(({ before }) => before)
  .filter(({ kind }) => kind === 'PermissionTemplate')
  .map(({ metadata }) => metadata.name);

/** What of the cast that namespace may bring: all but templates that act in all projects, which no entry allows. */
export const ENTRY: NonNullable<Spec<'Organization'>['access']>[number] = {
  namespace: TEAM,
  kinds: ['Member', 'Group', 'PermissionTemplate', 'Project', 'MachineBinding'],
  roles: ['Admin', 'Member'],
  templates: [...OF_STAGE, ...TEMPLATES],
  cells: {
    Machines: ['View', 'Manage'],
    Secrets: ['Manage'],
    Support: ['View', 'Manage'],
    Trash: ['View', 'Purge'],
  },
  projects: ['Stage', 'project-of-people', 'coming-project', 'cut-project', 'gone-project', ...GONE],
};
