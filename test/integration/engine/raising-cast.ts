/**
 * Objects of two commits, of which the second raises somebody, or gives back or takes what is no raise: each part in a way
 * of its own. They share nothing but the project and the templates of `STAGE`.
 */
import { ANNOTATIONS, type CustomResource } from '#api/v1alpha1/kinds.ts';
import type { OrganizationState } from '#model/organization.ts';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { resource } from '#test/builders/resources.ts';
import type { TestVault } from '#test/builders/vault.ts';
import { addMembersByPerson, createGroupByPerson, grantToGroupByPerson } from '#vault/groups/group-acts.ts';
import { suspendByPerson } from '#vault/members/member-acts.ts';

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
const binding = (name: string, project: string, adopt?: string) =>
  resource(
    'MachineBinding',
    name,
    {
      machineName: name,
      key: { secretName: `${name}-key` },
      projects: [{ name: project, secrets: ['key'] }],
    },
    adopt === undefined ? {} : { annotations: { [ANNOTATIONS.adopt]: adopt } },
  );

/** What the parts stand on, in both commits. */
export const STAGE: readonly CustomResource[] = [
  resource('Project', 'stage', { name: 'Stage', secrets: [{ name: 'key', generator: { length: 16 } }] }),
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
const WRITE = [{ project: 'Stage', access: 'Write' as const }];

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
    name: 'machine-of-people',
    before: [],
    people: (vault) => newMachine(vault, 'machine-of-people', [{ project: 'Stage', secrets: ['key'] }]),
    after: ({ machines }) => [
      binding('machine-of-people', 'Stage', machines.find(({ name }) => name === 'machine-of-people')?.id),
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
    name: 'lost-its-key',
    before: [binding('lost-its-key', 'Stage')],
    after: () => [binding('lost-its-key', 'Stage')],
    lostKeys: ['lost-its-key'],
  },
];
