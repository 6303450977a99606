import type { Kind, Spec } from '#api/v1alpha1/kinds.ts';

/** A valid spec of each kind with every field set. */
export const FULL_SPECS: { readonly [K in Kind]: Spec<K> } = {
  Organization: {
    vault: {
      seneschal: {
        url: 'https://vault.acme.example:8443',
        vaultId: 'vault_acme000000000001',
        credentialsSecretRef: { name: 'vault-credentials' },
      },
    },
    displayName: 'Acme',
    owner: 'alice@acme.example',
    confirmation: 'Required',
    manager: 'acme/acme',
    rails: {
      settle: '30s',
      losses: 'Hold',
      cuts: 'Stall',
      privilegeApproval: 'Always',
      lossBudget: {
        people: { min: 1, max: 10, percent: 5 },
        suspensions: { percent: 5 },
        invites: { min: 3, percent: 50 },
        access: { min: 1 },
        machines: { max: 30 },
        projects: { min: 0, max: 2, percent: 1 },
      },
      requiredAdmins: ['alice@acme.example', 'bob@acme.example'],
      approvers: {
        users: ['alice@acme.example'],
        groups: ['acme:security', 'acme:platform'],
        members: ['alice@acme.example'],
      },
    },
    invites: { validFor: '48h', maxAttempts: 2, perHour: 10 },
    authority: {
      members: 'Exclusive',
      groups: 'Additive',
      templates: 'Exclusive',
      projects: 'Additive',
      machines: 'Additive',
    },
    access: [
      {
        namespace: 'payments',
        kinds: ['Member', 'PermissionTemplate', 'Project', 'MachineBinding'],
        roles: ['Member'],
        templates: ['Payments'],
        cells: { Secrets: ['View', 'Manage'] },
        projects: ['payments'],
      },
      { namespace: 'website', kinds: ['MachineBinding'], projects: ['website'] },
    ],
    management: 'Full',
    suspend: false,
  },
  Member: {
    organizationRef: { name: 'acme', namespace: 'acme' },
    email: 'Bob@acme.example',
    expiresAt: '2027-06-30T18:00:00Z',
    role: 'Member',
    templateRef: { name: 'developers', namespace: 'acme', expiresAt: '2027-03-31T00:00:00+02:00' },
    projectScope: { projects: ['payments', 'shared'] },
    grants: [
      { project: 'payments', access: 'Read', expiresAt: '2027-01-31T12:30:00Z' },
      { project: 'website', access: 'Write' },
    ],
    state: 'Active',
    reinstate: 'aud_1',
  },
  Group: {
    organizationRef: { name: 'acme', namespace: 'acme' },
    name: 'On call',
    description: 'who is woken at night',
    members: [
      { email: 'Bob@acme.example', expiresAt: '2027-02-01T00:00:00Z' },
      { email: 'carol@acme.example' },
    ],
    grants: [
      { project: 'payments', access: 'Read', expiresAt: '2027-03-01T00:00:00Z' },
      { project: 'website', access: 'Write' },
    ],
    reinstate: 'aud_3',
  },
  PermissionTemplate: {
    organizationRef: { name: 'acme', namespace: 'acme' },
    name: 'Developers',
    renamedFrom: 'Devs',
    description: 'works',
    capabilities: { 'Audit log': ['View', 'View others'], Secrets: ['View', 'Manage'], Templates: ['View'] },
    projectScope: { all: true },
    reinstate: 'aud_2',
  },
  Project: {
    organizationRef: { name: 'acme', namespace: 'acme' },
    name: 'Payments',
    renamedFrom: 'Money',
    description: 'takes money',
    grants: [
      { member: 'alice@acme.example', access: 'Read', expiresAt: '2027-01-31T12:30:00Z' },
      { member: 'bob@acme.example', access: 'Write' },
      { group: 'On call', access: 'Write' },
    ],
    secrets: [
      { name: 'db-password', generator: { length: 32, charset: 'Hex' } },
      { name: 'api key', generator: { length: 8 } },
      { name: 'other' },
    ],
    deletionPolicy: 'Delete',
  },
  MachineBinding: {
    organizationRef: { name: 'acme', namespace: 'acme' },
    machineName: 'checkout api',
    projects: [{ name: 'payments', secrets: ['db-password', 'api key'] }, { name: 'shared' }],
    key: {
      secretName: 'checkout-api-key',
      mountPath: '/var/run/secrets/seneschal',
      rotateEvery: '720h',
      overlap: '48h',
      maxOverlap: '336h',
      epoch: 2,
      compromised: ['0'.repeat(64)],
    },
    targets: [
      {
        secretName: 'checkout-env',
        data: [
          { key: 'API_KEY', project: 'payments', secret: 'api key' },
          { project: 'payments', secret: 'db-password' },
        ],
      },
      { secretName: 'checkout-db', data: [{ project: 'payments', secret: 'db-password' }] },
    ],
    suspend: false,
    deletionPolicy: 'Revoke',
    reinstate: 'aud_3',
  },
  PlanApproval: {
    organizationRef: { name: 'acme' },
    digest: '0'.repeat(64),
    approver: 'alice@acme.example',
    groups: ['acme:platform', 'acme:security'],
    reason: 'reviewed',
  },
};
