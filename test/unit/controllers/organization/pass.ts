/** Passes as values: an organization, its objects, and what a pass over them gave. */

import type { Kind, Spec } from '#api/v1alpha1/kinds.ts';
import type { OrganizationObjects } from '#controllers/organization/objects.ts';
import type { PassOutcome } from '#controllers/organization/statuses/problems.ts';
import type { StatusPatch } from '#controllers/organization/statuses/statuses.ts';
import type { Resource } from '#controllers/resources.ts';
import { ADDITIVE } from '#model/authority.ts';
import { DEFAULT_INVITES } from '#model/invites.ts';
import { DEFAULT_BUDGETS } from '#model/loss.ts';
import type { Member, OrganizationState } from '#model/organization.ts';
import { NO_NAMES } from '#planning/named.ts';
import type { Desired, Held, OrganizationPlan, Source, Step } from '#planning/plan-types.ts';
import { UNBOUNDED } from '#test/builders/delegated.ts';

export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
export const NAMESPACE = 'acme';

export function object<K extends Kind>(kind: K, name: string, spec: Spec<K>, status?: object): Resource<K> {
  return {
    kind,
    metadata: { namespace: NAMESPACE, name, uid: `uid-${name}`, generation: 3, resourceVersion: '7' },
    spec,
    ...(status === undefined ? {} : { status }),
  };
}

export const ORGANIZATION = object('Organization', 'acme', {
  vault: {
    seneschal: {
      url: 'http://localhost:1',
      vaultId: 'vault_0123456789abcdef',
      credentialsSecretRef: { name: 'vault' },
    },
  },
});

const organizationRef = { name: 'acme' };

export function memberObject(name: string, spec: Partial<Spec<'Member'>> = {}): Resource<'Member'> {
  return object('Member', name, { organizationRef, email: `${name}@acme.example`, ...spec });
}

export function objects(some: Partial<OrganizationObjects> = {}): OrganizationObjects {
  return {
    organization: ORGANIZATION,
    members: [],
    groups: [],
    templates: [],
    projects: [],
    bindings: [],
    approvals: [],
    ...some,
  };
}

export function source(kind: Source['kind'], name: string): Source {
  return {
    kind,
    namespace: NAMESPACE,
    name,
    provenance: {},
    seenUnder: 'o/n/c',
    adopt: null,
    reinstate: null,
  };
}

export function desired(some: Partial<Desired> = {}): Desired {
  return {
    manager: 'acme/acme',
    takeOver: null,
    organization: {
      source: source('Organization', 'acme'),
      fields: {
        displayName: null,
        owner: null,
        rails: {
          settleSeconds: 30,
          losses: 'Budget',
          lossBudget: DEFAULT_BUDGETS,
          privilegeApproval: 'Always',
          requiredAdmins: [],
          approvers: { users: [], groups: [], members: [] },
          access: [],
          invites: DEFAULT_INVITES,
          confirmation: false,
          authority: ADDITIVE,
        },
      },
    },
    members: [],
    groups: [],
    templates: [],
    projects: [],
    machines: [],
    origins: [NAMESPACE],
    incomplete: [],
    uncounted: NO_NAMES,
    complete: true,
    seenUnder: null,
    ...some,
  };
}

export function desiredMember(name: string, template: string | null = null): Desired['members'][number] {
  return {
    source: source('Member', name),
    email: `${name}@acme.example`,
    member: { role: 'Member', template, projectScope: null, state: 'Active' },
    grants: [],
  };
}

export function member(name: string, some: Partial<Member> = {}): Member {
  return {
    id: `member_${name}`,
    email: `${name}@acme.example`,
    userName: name,
    role: 'Member',
    template: null,
    projectScope: null,
    grants: [],
    state: 'Active',
    invite: null,
    ...some,
  };
}

export function state(some: Partial<OrganizationState> = {}): OrganizationState {
  return {
    vaultId: 'vault_0123456789abcdef',
    epoch: 'e1',
    revision: 5,
    displayName: 'Acme',
    owner: 'owner@acme.example',
    plan: {
      name: 'Team',
      caps: { members: 10, projects: null, machines: null, groups: null, storedBytes: null },
      billingUrl: 'https://acme.example/billing',
    },
    settings: null,
    members: [],
    groups: [],
    templates: [],
    projects: [],
    secrets: [],
    machines: [],
    records: [],
    tombstones: [],
    formerNames: [],
    ledger: [],
    reservations: [],
    holds: [],
    raises: [],
    approvals: [],
    ...UNBOUNDED,
    ...some,
  };
}

export function removal(name: string): Step {
  const { role, template, projectScope, grants } = member(name);
  return {
    action: {
      kind: 'RemoveMember',
      key: `${name}@acme.example`,
      before: { role, template, projectScope, grants, state: 'Active' },
      after: null,
    },
    hash: `hash-of-removing-${name}`,
    why: 'declared no longer',
    consequence: { loss: { class: 'people', units: 1 }, gain: false, changes: [] },
    source: null,
    record: null,
    subject: { kind: 'Member', key: `${name}@acme.example` },
    reinstate: null,
    withdraws: true,
    executor: 'engine',
  };
}

export function invitation(name: string): Step {
  const { role, template, projectScope, grants } = member(name);
  return {
    ...removal(name),
    action: {
      kind: 'InviteMember',
      key: `${name}@acme.example`,
      before: null,
      after: { role, template, projectScope, grants },
    },
    hash: `hash-of-inviting-${name}`,
    source: source('Member', name),
  };
}

export function outcome(
  observed: OrganizationState,
  plan: Partial<OrganizationPlan> = {},
  some: Partial<PassOutcome> = {},
): PassOutcome {
  const head = { epoch: 'e1', sequence: 12, hash: 'a'.repeat(64) };
  return {
    plan: {
      vaultId: observed.vaultId,
      revision: observed.revision,
      epoch: observed.epoch,
      steps: [],
      runnable: [],
      lossGroups: [],
      managed: [],
      pending: [],
      queuedInvites: [],
      held: [],
      findings: [],
      sightings: [],
      holds: [],
      settling: {},
      wakeAt: null,
      digest: null,
      ...plan,
    },
    answers: new Map(),
    observation: {
      snapshot: { etag: '"e1.5"', state: observed },
      moved: false,
      volatile: {
        head,
        lease: null,
        freeze: null,
        managedBy: null,
        yieldRequested: false,
        secretRevision: 0,
      },
    },
    approvals: { approvals: [], verdicts: [], findings: [] },
    observeOnly: null,
    stopped: null,
    anchor: head,
    usedApprovals: [],
    acceptDigest: null,
    address: { url: 'https://vault.acme.example', vaultId: 'vault_0123456789abcdef' },
    ...some,
  };
}

/** `Type=Status/Reason` of each condition. */
export function said(conditions: readonly { type: string; status: string; reason: string }[]): string[] {
  return conditions.map(({ type, status, reason }) => `${type}=${status}/${reason}`);
}

/** The status of the one object of that kind. */
export function patchOf(patches: readonly StatusPatch[], kind: string): StatusPatch {
  const found = patches.find((patch) => patch.kind === kind);
  if (found === undefined) throw new Error(`no status of ${kind}`);
  return found;
}

export const DIGEST = 'd'.repeat(64);

/** A removal that waits for an approval, as half of the people are gone. */
export const heldRemoval: Held = {
  reason: 'MassAbsence',
  rail: 1,
  steps: [removal('bob')],
  digest: DIGEST,
  message: 'More than half of the members are declared no longer.',
  next: 'Approve the digest or bring them back.',
  byPlanApproval: true,
};
