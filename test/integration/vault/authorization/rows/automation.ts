import type { ManagedKind } from '#model/record.ts';
import type { StepAction } from '#model/step.ts';
import { access } from '#test/builders/vault.ts';
import type { Answer } from '../asking.ts';
import type { Ability } from '../oracle.ts';
import type { Row } from '../row.ts';
import type { World } from '../world.ts';

const any = (route: string, asks: Row['asks']): Row => ({ route, automation: 'any', asks });
const writing = (route: string, asks: Row['asks'], more: Partial<Row> = {}): Row => ({
  route,
  automation: 'writing',
  asks,
  ...more,
});

const template = { description: '', capabilities: {}, projectScope: 'All' } as const;
const group = { description: '', members: [], grants: [] } as const;
const plain = access();

/** Claiming and releasing take the ability of what they are about. */
const KINDS: readonly (readonly [Ability, ManagedKind])[] = [
  ['organization:settings', 'Organization'],
  ['members:manage', 'Member'],
  ['groups:manage', 'Group'],
  ['templates:manage', 'PermissionTemplate'],
  ['projects:manage', 'Project'],
  ['machines:manage', 'MachineBinding'],
];

/** A step of each kind that finds nothing of its name, and the ability that the delegation has to name (V4). */
const STEPS: readonly (readonly [Ability, StepAction])[] = [
  [
    'organization:settings',
    {
      kind: 'RenameOrganization',
      key: 'o',
      before: { displayName: 'Never its name' },
      after: { displayName: 'Other' },
    },
  ],
  ['templates:manage', { kind: 'UpdateTemplate', key: 'none', before: template, after: template }],
  ['templates:manage', { kind: 'DeleteTemplate', key: 'none', before: template, after: null }],
  ['groups:manage', { kind: 'UpdateGroup', key: 'none', before: group, after: group }],
  [
    'groups:manage',
    { kind: 'DeleteGroup', key: 'none', before: { description: '', grants: [] }, after: null },
  ],
  [
    'projects:manage',
    { kind: 'UpdateProject', key: 'none', before: { description: '' }, after: { description: '' } },
  ],
  [
    'projects:manage',
    { kind: 'RenameProject', key: 'other', before: { name: 'none' }, after: { name: 'other' } },
  ],
  [
    'templates:manage',
    { kind: 'RenameTemplate', key: 'other', before: { name: 'none' }, after: { name: 'other' } },
  ],
  [
    'projects:manage',
    {
      kind: 'RestoreProject',
      key: 'none',
      before: null,
      after: { id: 'proj_0000000000', description: '', secrets: [] },
    },
  ],
  [
    'secrets:create',
    {
      kind: 'RestoreSecret',
      key: 'none/s',
      before: null,
      after: { id: 'sk_0000000000', newValue: null },
    },
  ],
  [
    'projects:delete',
    { kind: 'DeleteProject', key: 'none', before: { description: '', secrets: [] }, after: null },
  ],
  [
    'secrets:create',
    {
      kind: 'CreateSecret',
      key: 'none/s',
      before: null,
      after: { generator: { length: 32, charset: 'Hex' } },
    },
  ],
  [
    'members:manage',
    { kind: 'ResendInvite', key: 'none@acme.example', before: { attempts: 1 }, after: { attempts: 2 } },
  ],
  ['members:manage', { kind: 'CancelInvite', key: 'none@acme.example', before: plain, after: null }],
  ['members:manage', { kind: 'SetMemberAccess', key: 'none@acme.example', before: plain, after: plain }],
  [
    'members:manage',
    {
      kind: 'SuspendMember',
      key: 'none@acme.example',
      before: { state: 'Active' },
      after: { state: 'Suspended' },
    },
  ],
  [
    'members:manage',
    {
      kind: 'UnsuspendMember',
      key: 'none@acme.example',
      before: { state: 'Suspended' },
      after: { state: 'Active' },
    },
  ],
  [
    'members:manage',
    { kind: 'RemoveMember', key: 'none@acme.example', before: { ...plain, state: 'Active' }, after: null },
  ],
  [
    'machines:manage',
    { kind: 'SetMachineAccess', key: 'none', before: { access: [] }, after: { access: [] } },
  ],
  [
    'machines:manage',
    { kind: 'EnableMachine', key: 'none', before: { enabled: false }, after: { enabled: true } },
  ],
  [
    'machines:manage',
    { kind: 'DisableMachine', key: 'none', before: { enabled: true }, after: { enabled: false } },
  ],
  [
    'machines:manage',
    {
      ...{ kind: 'RevokeKeyIfIdle', key: 'none', before: { fingerprints: [] } },
      after: { fingerprint: 'f'.repeat(64), idleFor: 0, because: 'Compromised' },
    },
  ],
  ['machines:manage', { kind: 'RevokeMachine', key: 'none', before: { access: [] }, after: null }],
];

/** Who reserves what it may not run would use up the budget of who may (rail 1). */
const RESERVED: readonly (readonly [Ability, StepAction])[] = [
  ['projects:manage', { kind: 'CreateProject', key: 'p', before: null, after: { description: '' } }],
  ...STEPS.filter(([, { kind }]) => kind === 'RemoveMember'),
];

const RECORD_STEPS = KINDS.flatMap(([ability, kind]): readonly (readonly [Ability, StepAction])[] => [
  [ability, { kind: 'Claim', key: `${kind}/none`, before: null, after: { kind, applied: {} } }],
  [ability, { kind: 'Release', key: `${kind}/none`, before: { kind }, after: null }],
]);

/** And those that make something. */
const GAINS: readonly (readonly [Ability, (name: string) => StepAction])[] = [
  ['templates:manage', (key) => ({ kind: 'CreateTemplate', key, before: null, after: template })],
  ['groups:manage', (key) => ({ kind: 'CreateGroup', key, before: null, after: group })],
  ['projects:manage', (key) => ({ kind: 'CreateProject', key, before: null, after: { description: '' } })],
  [
    'members:manage',
    (key) => ({ kind: 'InviteMember', key: `${key}@acme.example`, before: null, after: plain }),
  ],
];

async function stepOf(world: World, action: StepAction) {
  return {
    target: world.at('/steps'),
    body: {
      fence: await world.fence(),
      steps: [{ idempotencyKey: world.newName(), action, provenance: {} }],
    },
  };
}

const isForbidden = ({ body }: Answer): boolean =>
  (body as { results: { code?: string }[] }).results[0]?.code === 'Forbidden';

export const rows: readonly Row[] = [
  any('GET /api/v1/vaults/{vaultId}/snapshot', (world) => ({ target: world.at('/snapshot') })),
  any('GET /api/v1/vaults/{vaultId}/changes', (world) => ({ target: world.at('/changes?since=0&wait=0') })),
  writing(
    'GET /api/v1/vaults/{vaultId}/changes',
    async (world) => {
      const { manager, installation, fencing } = await world.fence();
      const fence = `manager=${encodeURIComponent(manager)}&installation=${installation}&fencing=${fencing}`;
      return { target: world.at(`/changes?since=0&wait=0&${fence}`) };
    },
    { variant: 'that renews the lease' },
  ),
  any('POST /api/v1/vaults/{vaultId}/trace', (world) => ({
    target: world.at('/trace'),
    body: { subjects: [], reads: null },
  })),
  any('POST /api/v1/vaults/{vaultId}/keys/use', (world) => ({
    target: world.at('/keys/use'),
    body: { fingerprints: [] },
  })),
  any('GET /api/v1/vaults/{vaultId}/audit/proof', (world) => ({ target: world.at('/audit/proof?after=0') })),
  writing('POST /api/v1/vaults/{vaultId}/lease', async (world) => ({
    target: world.at('/lease'),
    body: await world.fence(),
  })),
  writing('DELETE /api/v1/vaults/{vaultId}/lease', async (world) => ({
    target: world.at('/lease'),
    body: { ...(await world.fence()), installation: 'another' },
  })),
  ...RESERVED.map(
    ([automation, action]): Row => ({
      route: 'POST /api/v1/vaults/{vaultId}/reservations',
      variant: action.kind,
      automation,
      asks: async (world) => ({
        target: world.at('/reservations'),
        body: { fence: await world.fence(), class: 'people', actions: [action], approval: null },
      }),
    }),
  ),
  writing('POST /api/v1/vaults/{vaultId}/holds', async (world) => ({
    target: world.at('/holds'),
    body: { fence: await world.fence(), holds: [] },
  })),
  writing('POST /api/v1/vaults/{vaultId}/sightings', async (world) => ({
    target: world.at('/sightings'),
    body: { fence: await world.fence(), sightings: [] },
  })),
  {
    route: 'POST /api/v1/vaults/{vaultId}/sync',
    automation: 'values:sync',
    asks: (world) => ({ target: world.at('/sync'), body: { machines: [] } }),
  },
  writing(
    'POST /api/v1/vaults/{vaultId}/freeze',
    (world) => ({ target: world.at('/freeze'), body: { reason: 'incident' } }),
    { restore: (world) => world.actor('owner').ask('DELETE', world.at('/freeze')) },
  ),
  ...[...STEPS, ...RECORD_STEPS].map(
    ([automation, action]): Row => ({
      route: 'POST /api/v1/vaults/{vaultId}/steps',
      variant: `${action.kind} ${action.key}`,
      automation,
      asks: (world) => stepOf(world, action),
      refusedWithin: isForbidden,
    }),
  ),
  ...GAINS.map(
    ([automation, actionOf]): Row => ({
      route: 'POST /api/v1/vaults/{vaultId}/steps',
      variant: actionOf('').kind,
      automation,
      asks: (world) => stepOf(world, actionOf(world.newName())),
      refusedWithin: isForbidden,
    }),
  ),
];
