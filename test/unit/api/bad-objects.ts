import type { Kind } from '#api/v1alpha1/kinds.ts';
import { FULL_SPECS } from './full-specs.ts';

/** A spec that both sides must refuse, for the reason that a user should read. */
export interface BadObject {
  /** A sentence about behaviour. */
  readonly name: string;
  readonly kind: Kind;
  readonly spec: Record<string, unknown>;
  /** Part of the message of command line and API server alike. */
  readonly message: string;
  /** Where the command line sees it. */
  readonly path: string;
}

function bad(
  name: string,
  kind: Kind,
  change: Record<string, unknown>,
  message: string,
  path: string,
): BadObject {
  return { name, kind, spec: { ...FULL_SPECS[kind], ...change }, message, path };
}

const binding = FULL_SPECS.MachineBinding;
const [target] = binding.targets ?? [];
const vault = FULL_SPECS.Organization.vault.seneschal;
const { name: _, ...unnamed } = FULL_SPECS.PermissionTemplate;

/** Rules that cross fields, or whose message is not the API server's own. */
export const BAD_OBJECTS: readonly BadObject[] = [
  bad(
    'a vault reached without TLS, unless it is on localhost',
    'Organization',
    { vault: { seneschal: { ...vault, url: 'http://vault.acme.example' } } },
    'must be https://host[:port], or http://localhost[:port], without a path',
    'spec.vault.seneschal.url',
  ),
  bad(
    'a vault id that is none',
    'Organization',
    { vault: { seneschal: { ...vault, vaultId: 'acme' } } },
    'must be vault_ and 16 letters or digits',
    'spec.vault.seneschal.vaultId',
  ),
  bad(
    'roles of a namespace that brings no Members',
    'Organization',
    { access: [{ namespace: 'payments', kinds: ['Project'], roles: ['Member'] }] },
    'roles are of Members',
    'spec.access[0].roles',
  ),
  bad(
    'templates of a namespace that brings neither templates nor Members',
    'Organization',
    { access: [{ namespace: 'payments', kinds: ['Project'], templates: ['Payments'] }] },
    'add PermissionTemplate or Member to kinds',
    'spec.access[0].templates',
  ),
  bad(
    'cells of a namespace that brings no templates',
    'Organization',
    { access: [{ namespace: 'payments', kinds: ['Member'], cells: { Secrets: ['View'] } }] },
    'add PermissionTemplate to kinds',
    'spec.access[0].cells',
  ),
  bad(
    'a cell that a namespace may bring and the matrix has not',
    'Organization',
    { access: [{ namespace: 'payments', kinds: ['PermissionTemplate'], cells: { Secrets: ['Read'] } }] },
    'Secrets has no such cell',
    'spec.access[0].cells.Secrets[0]',
  ),
  bad(
    'rail 1: a budget whose max is below its min',
    'Organization',
    { rails: { lossBudget: { people: { min: 5, max: 4 } } } },
    'max must not be below min (where min is absent it is 2)',
    'spec.rails.lossBudget.people.max',
  ),
  bad(
    'rail 1: a budget whose max is below the default min',
    'Organization',
    { rails: { lossBudget: { access: { max: 4 } } } },
    'max must not be below min (where min is absent it is 20)',
    'spec.rails.lossBudget.access.max',
  ),
  bad(
    'I2: invites that are open for longer than 30 days',
    'Organization',
    { invites: { validFor: '31d' } },
    'must be from 1h to 30d',
    'spec.invites.validFor',
  ),
  bad(
    'rail 1: a settle time without a unit',
    'Organization',
    { rails: { settle: '30' } },
    'must be a number of seconds or minutes, for example 30s',
    'spec.rails.settle',
  ),
  bad('an e-mail that is none', 'Member', { email: 'alice' }, 'must be an e-mail address', 'spec.email'),
  bad(
    'T1: a scope of all projects and of some',
    'Member',
    { projectScope: { all: true, projects: ['payments'] } },
    'takes exactly one of: all: true, or projects: a list of names',
    'spec.projectScope',
  ),
  bad(
    'T1: a scope of nothing that is said',
    'PermissionTemplate',
    { projectScope: {} },
    'takes exactly one of: all: true, or projects: a list of names',
    'spec.projectScope',
  ),
  bad(
    'rail 7: a reinstate that names no audit entry',
    'Member',
    { reinstate: 'yes' },
    'must be the id of an audit entry, aud_...',
    'spec.reinstate',
  ),
  bad(
    'a category that the capability matrix does not have',
    'PermissionTemplate',
    { capabilities: { Machine: ['View'] } },
    'there is no such category; the categories are: Machines, Audit log, Alerts',
    'spec.capabilities.Machine',
  ),
  bad(
    'a cell that the capability matrix does not have',
    'PermissionTemplate',
    { capabilities: { Trash: ['View', 'Empty'] } },
    'Trash has no such cell; a template can give: View, Restore, Purge',
    'spec.capabilities.Trash[1]',
  ),
  bad(
    "T4: Templates: Manage, the owner's alone",
    'PermissionTemplate',
    { capabilities: { Templates: ['Manage'] } },
    "Templates: Manage is the owner's alone, no template gives it (T4); a template can give: View",
    'spec.capabilities.Templates[0]',
  ),
  bad(
    "T4: Organization: Assign templates, the owner's alone",
    'PermissionTemplate',
    { capabilities: { Organization: ['Invite', 'Assign templates'] } },
    "are the owner's alone, no template gives it (T4); a template can give: View members, Invite, Suspend, Remove",
    'spec.capabilities.Organization[1]',
  ),
  bad(
    'G1: a grant of a project to nobody',
    'Project',
    { grants: [{ access: 'Read' }] },
    'names exactly one of member and group',
    'spec.grants[0]',
  ),
  bad(
    'G1: a grant of a project to a person and a group at once',
    'Project',
    { grants: [{ member: 'bob@acme.example', group: 'ops', access: 'Read' }] },
    'names exactly one of member and group',
    'spec.grants[0]',
  ),
  bad(
    'rail 7: a new value for a secret whose deletion is not named',
    'Project',
    { secrets: [{ name: 'token', generator: { length: 16 }, reinstateAs: 'NewValue' }] },
    'reinstateAs needs reinstate and a generator',
    'spec.secrets[0]',
  ),
  bad(
    'a group of a name that a path would drop',
    'Group',
    { name: '..' },
    'must not be . or .., nor have slashes, backslashes or control characters, or white space at its ends',
    'spec.name',
  ),
  bad(
    'a name with a slash',
    'Project',
    { name: 'a/b' },
    'must not be . or .., nor have slashes, backslashes or control characters, or white space at its ends',
    'spec.name',
  ),
  bad(
    'a name that a path would drop',
    'Project',
    { name: '..' },
    'must not be . or .., nor have slashes, backslashes or control characters, or white space at its ends',
    'spec.name',
  ),
  bad(
    'a machine of a name that a path would drop',
    'MachineBinding',
    { machineName: '.' },
    'must not be . or .., nor have slashes, backslashes or control characters, or white space at its ends',
    'spec.machineName',
  ),
  bad(
    'an address with slashes',
    'Member',
    { email: 'a/../b@acme.example' },
    'must be an e-mail address without slashes or quotes, for example alice@acme.example',
    'spec.email',
  ),
  bad(
    'a target that is the key Secret',
    'MachineBinding',
    { targets: [{ ...target, secretName: 'checkout-api-key' }] },
    'a target must not be the key Secret, nor its staging Secret',
    'spec.targets',
  ),
  bad(
    'a target that is the staging Secret of the key',
    'MachineBinding',
    { targets: [{ ...target, secretName: 'checkout-api-key-next' }] },
    'a target must not be the key Secret, nor its staging Secret',
    'spec.targets',
  ),
  bad(
    'a key that rotates before the old one may go',
    'MachineBinding',
    { key: { secretName: 'checkout-api-key', rotateEvery: '60m', overlap: '1h' } },
    'rotateEvery must be longer than overlap',
    'spec.key.rotateEvery',
  ),
  bad(
    'a key that rotates within the overlap that there is by default',
    'MachineBinding',
    { key: { secretName: 'checkout-api-key', rotateEvery: '24h' } },
    'rotateEvery must be longer than overlap',
    'spec.key.rotateEvery',
  ),
  bad(
    'an old key that ends before its overlap is over',
    'MachineBinding',
    { key: { secretName: 'checkout-api-key', maxOverlap: '23h' } },
    'maxOverlap must not be shorter than overlap',
    'spec.key.maxOverlap',
  ),
  bad(
    'two values under one key of a target',
    'MachineBinding',
    {
      targets: [
        {
          secretName: 'checkout-env',
          data: [
            { key: 'db-password', project: 'payments', secret: 'api key' },
            { project: 'payments', secret: 'db-password' },
          ],
        },
      ],
    },
    'two items of data have the same key; give one of them another key',
    'spec.targets[0].data',
  ),
  bad(
    'a secret whose name is no key of a Kubernetes Secret, without key',
    'MachineBinding',
    { targets: [{ secretName: 'checkout-env', data: [{ project: 'payments', secret: 'api key' }] }] },
    "the secret's name is no valid key of a Kubernetes Secret; give key",
    'spec.targets[0].data[0]',
  ),
  bad(
    'a target of nothing',
    'MachineBinding',
    { targets: [{ secretName: 'env' }] },
    'holds nothing; give data, from or templates',
    'spec.targets[0]',
  ),
  bad(
    'two templates under one key',
    'MachineBinding',
    {
      targets: [
        {
          secretName: 'env',
          templates: [
            { key: 'a', text: 'x' },
            { key: 'a', text: 'y' },
          ],
        },
      ],
    },
    'two templates have the same key; give one of them another key',
    'spec.targets[0].templates',
  ),
  bad(
    'a template that stands in two places',
    'MachineBinding',
    {
      targets: [
        {
          secretName: 'env',
          templates: [{ key: 'a', text: 'x', configMapRef: { name: 'texts', key: 'a' } }],
        },
      ],
    },
    'takes exactly one of: text, or configMapRef',
    'spec.targets[0].templates[0]',
  ),
  bad(
    'a type for a Secret of others',
    'MachineBinding',
    { targets: [{ ...target, creationPolicy: 'Merge', type: 'kubernetes.io/tls' }] },
    'merges into a Secret that is not ours, whose type, labels and annotations stay',
    'spec.targets[0]',
  ),
  bad(
    'an approval of something that is no digest',
    'PlanApproval',
    { digest: 'all' },
    'must be the digest that the plan prints',
    'spec.digest',
  ),
];

/** Refused by both, in the words of each: shapes and lists. */
export const BAD_SHAPES: readonly Omit<BadObject, 'message'>[] = [
  {
    name: 'rail 7: a deletion that is no entry',
    kind: 'Project',
    spec: { ...FULL_SPECS.Project, secrets: [{ name: 'token', reinstate: 'last week' }] },
    path: 'spec.secrets[0].reinstate',
  },
  {
    name: 'a role that is not there',
    kind: 'Member',
    spec: { ...FULL_SPECS.Member, role: 'Owner' },
    path: 'spec.role',
  },
  {
    name: 'G1: two grants on one project',
    kind: 'Member',
    spec: {
      ...FULL_SPECS.Member,
      grants: [
        { project: 'payments', access: 'Read' },
        { project: 'payments', access: 'Write' },
      ],
    },
    path: 'spec.grants[1]',
  },
  {
    name: 'two targets of one Secret',
    kind: 'MachineBinding',
    spec: { ...binding, targets: [target, target] },
    path: 'spec.targets[1]',
  },
  ...(['.', '..', '..data', '..2026_01'] as const).map((key) => ({
    name: `a value under the key ${key}, which a volume keeps to itself`,
    kind: 'MachineBinding' as const,
    spec: {
      ...binding,
      targets: [{ secretName: 'env', data: [{ key, project: 'payments', secret: 'db-password' }] }],
    },
    path: 'spec.targets[0].data[0].key',
  })),
  ...(
    [
      ['an end without a time', '2027-01-31'],
      ['an end without a zone', '2027-01-31T18:00:00'],
      ['an end on a day that there is not', '2027-02-30T18:00:00Z'],
    ] as const
  ).map(([name, expiresAt]) => ({
    name: `M5: ${name}`,
    kind: 'Member' as const,
    spec: { ...FULL_SPECS.Member, expiresAt },
    path: 'spec.expiresAt',
  })),
  {
    name: 'M5: a grant with an end that is no time',
    kind: 'Project',
    spec: {
      ...FULL_SPECS.Project,
      grants: [{ member: 'bob@acme.example', access: 'Read', expiresAt: 'tomorrow' }],
    },
    path: 'spec.grants[0].expiresAt',
  },
  {
    name: 'a field that is not there',
    kind: 'Member',
    spec: { ...FULL_SPECS.Member, emial: 'alice@acme.example' },
    path: 'spec.emial',
  },
  {
    name: 'a cell named twice',
    kind: 'PermissionTemplate',
    spec: { ...unnamed, capabilities: { Trash: ['View', 'View'] } },
    path: 'spec.capabilities.Trash[1]',
  },
];
