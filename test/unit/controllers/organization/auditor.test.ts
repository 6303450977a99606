/** What an auditor reads in statuses: who has what, since when, by which commit. */
import { describe, expect, it } from 'vitest';
import { STATUSES } from '#api/v1alpha1/status.ts';
import { statusesOf } from '#controllers/organization/statuses/statuses.ts';
import type { Member, OrganizationState } from '#model/organization.ts';
import { MANAGED_KINDS, type ManagedKind } from '#model/record.ts';
import {
  desired,
  desiredMember,
  member,
  memberObject,
  NOW,
  object,
  objects,
  outcome,
  state,
} from './pass.ts';

const ALICE = 'alice@acme.example';
const record: OrganizationState['records'][number] = {
  kind: 'Member',
  key: ALICE,
  manager: 'acme/acme',
  origin: 'acme',
  applied: {},
  deletionPolicy: null,
  provenance: { commit: '0123abc', author: 'Bob', path: 'org/alice.yaml' },
  seenUnder: null,
};
const groups: OrganizationState['groups'] = [
  {
    id: 'g1',
    description: '',
    name: 'ops',
    members: [ALICE],
    grants: [
      { project: 'payments', access: 'Write' },
      { project: 'web', access: 'Read' },
    ],
  },
  { id: 'g2', name: 'idle', description: '', members: [ALICE], grants: [] },
];

function statuses(alice: Member, more: Partial<OrganizationState> = {}) {
  const patches = statusesOf(
    objects({ members: [memberObject('alice')] }),
    desired({ members: [desiredMember('alice')] }),
    outcome(state({ members: [alice], records: [record], groups, ...more })),
    NOW,
  );
  for (const { kind, status } of patches) STATUSES[kind].parse(status);
  return (kind: string) => patches.find((patch) => patch.kind === kind)?.status;
}

describe('the status of a Member', () => {
  const grants = [{ project: 'payments', access: 'Read' as const }];

  it('says role, since when, by which commit, and what the person has by whatever way', () => {
    const alice = member('alice', { role: 'Admin', template: 'developers', grants, joinedAt: NOW - 1_000 });
    expect(statuses(alice)('Member')).toMatchObject({
      role: 'Admin',
      joinedAt: '2026-01-02T03:04:04Z',
      provenance: { commit: '0123abc', author: 'Bob', path: 'org/alice.yaml' },
      access: { template: 'developers', grants: 'payments=Write, web=Read', groups: 'ops' },
    });
  });

  it.each<[string, Partial<Member>]>([
    ['who is suspended', { state: 'Suspended' }],
    ['who has to accept again', { awaits: 'Reacceptance' }],
  ])('says of a person %s that they have nothing', (_who, some) => {
    expect(statuses(member('alice', { grants, ...some }))('Member')).not.toHaveProperty('access');
  });

  it('stays within its bounds, however much somebody has', () => {
    const many = Array.from({ length: 300 }, (_, index) => ({
      project: `project-${index}`,
      access: 'Read' as const,
    }));
    const { access } = statuses(member('alice', { grants: many }), { groups: [] })('Member') as unknown as {
      access: { grants: string };
    };
    expect(access.grants).toMatch(/^project-0=Read, .* and 296 more$/);
  });
});

it('the status of an Organization says owner, tier, seats, and which invites are out', () => {
  const invite = (expiresAt: number) => ({
    state: 'Invited' as const,
    invite: { id: 'i', since: NOW - 9_000, sentAt: NOW - 9_000, expiresAt, attempts: 1 },
  });
  const members = [
    member('alice'),
    member('bob', invite(NOW + 2_000)),
    member('carol', invite(NOW + 1_000)),
    member('dan', invite(NOW - 1_000)),
  ];
  expect(statuses(member('alice'), { members })('Organization')).toMatchObject({
    owner: 'owner@acme.example',
    tier: { name: 'Team', seats: 10, seatsUsed: 4 },
    invites: { open: 2, nextExpiry: '2026-01-02T03:04:06Z' },
  });
});

describe('the status of any kind (A4)', () => {
  const applied = (kind: ManagedKind, key: string, origin = 'acme') => ({
    ...record,
    ...{ kind, key, origin },
    provenance: { commit: `commit of ${kind}`, notFromGit: true },
  });
  const organizationRef = { name: 'acme' };
  const grants = [{ project: 'payments', access: 'Read' as const }];
  const declared = objects({
    members: [memberObject('alice')],
    groups: [object('Group', 'ops', { organizationRef, grants })],
    templates: [
      object('PermissionTemplate', 'developers', {
        organizationRef,
        name: 'Developers',
        capabilities: { Secrets: ['View'] },
        projectScope: { all: true },
      }),
    ],
    projects: [object('Project', 'payments', { organizationRef })],
    bindings: [
      object('MachineBinding', 'ci', {
        organizationRef,
        machineName: 'runner',
        projects: [{ name: 'payments' }],
        key: { secretName: 'ci-key' },
      }),
    ],
  });
  const records = (origin: string) => [
    applied('Organization', state().vaultId, origin),
    applied('Member', ALICE, origin),
    applied('Group', 'ops', origin),
    applied('PermissionTemplate', 'Developers', origin),
    applied('Project', 'payments', origin),
    applied('MachineBinding', 'runner', origin),
  ];
  const told = (origin: string) =>
    statusesOf(declared, desired(), outcome(state({ records: records(origin) })), NOW).map(
      ({ kind, status }) => {
        STATUSES[kind].parse(status);
        return [kind, status.provenance] as const;
      },
    );

  it.each(MANAGED_KINDS)('of a %s says by which commit it was applied', (kind) => {
    expect(new Map(told('acme')).get(kind)).toEqual({ commit: `commit of ${kind}`, notFromGit: true });
  });

  it('says nothing of what was applied from another namespace', () => {
    expect(told('elsewhere').map(([, provenance]) => provenance)).toEqual(MANAGED_KINDS.map(() => undefined));
  });
});
