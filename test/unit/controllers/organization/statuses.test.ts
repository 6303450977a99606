import { describe, expect, it } from 'vitest';
import { STATUSES } from '#api/v1alpha1/status.ts';
import { type StatusPatch, statusesOf } from '#controllers/organization/statuses/statuses.ts';
import type { ManagedRecord } from '#model/record.ts';
import type { Finding, Held } from '#planning/plan-types.ts';
import { machineKey } from '#test/builders/organization.ts';
import {
  desired,
  desiredMember,
  invitation,
  member,
  memberObject,
  NOW,
  ORGANIZATION,
  object,
  objects,
  outcome,
  removal,
  said,
  source,
  state,
} from './pass.ts';

const DIGEST = 'd'.repeat(64);

function patchOf(patches: readonly StatusPatch[], kind: string): StatusPatch {
  const found = patches.find((patch) => patch.kind === kind);
  if (found === undefined) throw new Error(`no status of ${kind}`);
  return found;
}

const heldRemoval: Held = {
  reason: 'MassAbsence',
  rail: 1,
  steps: [removal('bob')],
  digest: DIGEST,
  message: 'More than half of the members are declared no longer.',
  next: 'Approve the digest or bring them back.',
  byPlanApproval: true,
};

it('the status of a Member says by whom a raise was approved', () => {
  const record: ManagedRecord = {
    ...{ kind: 'Member', key: 'alice@acme.example', manager: 'acme/acme', origin: 'acme', applied: {} },
    ...{ deletionPolicy: null, provenance: {}, seenUnder: null },
    approved: { by: 'carol', via: 'Vault', at: Date.UTC(2026, 10, 30) },
  };
  const patches = statusesOf(
    objects({ members: [memberObject('alice')] }),
    desired({ members: [desiredMember('alice')] }),
    outcome(state({ members: [member('alice')], records: [record] })),
    NOW,
  );
  expect(patchOf(patches, 'Member').status).toMatchObject({
    approved: { by: 'carol', via: 'Vault', at: '2026-11-30T00:00:00Z' },
  });
});

describe('the status of an Organization that declares its owner (O3)', () => {
  const owned = (owner: string, findings: readonly Finding[]) => {
    const organization = object('Organization', 'acme', { ...ORGANIZATION.spec, owner });
    const patches = statusesOf(objects({ organization }), desired(), outcome(state(), { findings }), NOW);
    return said(patchOf(patches, 'Organization').status.conditions);
  };

  it('is settled where they own it, and names what differs where another person does', () => {
    expect(owned('owner@acme.example', [])).toContain('OwnershipSettled=True/Succeeded');
    const differs: Finding = {
      subject: { kind: 'Organization', key: 'vault_0123456789abcdef' },
      source: source('Organization', 'acme'),
      ...{ reason: 'OwnershipDiffers', severity: 'Info' },
      ...{ message: 'alice@acme.example is declared to own the organization.', next: 'Offer it.' },
    };
    const conditions = owned('alice@acme.example', [differs]);
    expect(conditions).toContain('OwnershipSettled=False/OwnershipDiffers');
    expect(conditions).toContain('Ready=True/Succeeded');
  });
});

describe('statuses of objects of another namespace that do not count', () => {
  const there = state({ members: [member('alice', { role: 'Admin' })] });
  const tenant = memberObject('alice');
  const stranger = { ...tenant, metadata: { ...tenant.metadata, namespace: 'tenant' } };
  const refused = (reason: string) => ({
    findings: [
      {
        subject: { kind: 'Member', key: 'alice@acme.example' },
        source: { ...source('Member', 'alice'), namespace: 'tenant' },
        severity: 'Stalled',
        ...{ reason, message: 'Not allowed.', next: 'Ask.' },
      } as const,
    ],
  });

  it.each(['NamespaceNotListed', 'NotAllowed', 'Conflict'])(
    'say that it is %s, and nothing of what the vault has under that name',
    (reason) => {
      const patches = statusesOf(
        objects({ members: [stranger] }),
        desired(),
        outcome(there, refused(reason)),
        NOW,
      );
      const { conditions, ...rest } = patchOf(patches, 'Member').status;
      expect(rest).toEqual({ observedGeneration: 3 });
      expect(said(conditions)).toEqual([
        `Joined=False/${reason}`,
        `Ready=False/${reason}`,
        `Stalled=True/${reason}`,
        `SuspensionMatches=False/${reason}`,
        `TemplateBound=False/${reason}`,
      ]);
    },
  );

  it.each(['TemplateNotFound', 'InvalidSpec', 'SeatsExhausted'])(
    'say nothing of the vault either where what keeps it from counting is %s',
    (reason) => {
      const patches = statusesOf(
        objects({ members: [stranger] }),
        desired(),
        outcome(there, refused(reason)),
        NOW,
      );
      const { conditions, ...rest } = patchOf(patches, 'Member').status;
      expect(rest).toEqual({ observedGeneration: 3 });
      expect(said(conditions)).toContain(`Joined=False/${reason}`);
    },
  );

  it('say nothing of the vault while it is being deleted, of which no plan speaks', () => {
    const patches = statusesOf(objects({ members: [stranger] }), desired(), outcome(there), NOW);
    const { conditions, ...rest } = patchOf(patches, 'Member').status;
    expect(rest).toEqual({ observedGeneration: 3 });
    expect(said(conditions)).toContain('Ready=False/Progressing');
  });

  it('name neither the id nor the difference of what is there and is not adopted', () => {
    const patches = statusesOf(
      objects({ members: [stranger] }),
      desired({
        members: [
          { ...desiredMember('alice'), source: { ...source('Member', 'alice'), namespace: 'tenant' } },
        ],
      }),
      outcome(there, refused('NotAdopted')),
      NOW,
    );
    const { conditions } = patchOf(patches, 'Member').status;
    expect(said(conditions)).toContain('Stalled=True/NotAllowed');
    expect(JSON.stringify(conditions)).not.toContain('Not allowed. Ask.');
  });

  it('are as of any other object where the thing came from that namespace', () => {
    const declared = {
      ...desiredMember('alice'),
      source: { ...source('Member', 'alice'), namespace: 'tenant' },
    };
    const record = {
      kind: 'Member',
      key: 'alice@acme.example',
      manager: 'acme/acme',
      origin: 'tenant',
      applied: { member: { role: 'Member' }, grants: [] },
      deletionPolicy: null,
      provenance: {},
      seenUnder: null,
    } as const;
    const patches = statusesOf(
      objects({ members: [stranger] }),
      desired({ members: [declared] }),
      outcome({ ...there, records: [record] }, refused('SeatsExhausted')),
      NOW,
    );
    expect(patchOf(patches, 'Member').status).toMatchObject({ memberId: 'member_alice', role: 'Admin' });
  });

  it('and of two of one name in two namespaces each has its own', () => {
    const patches = statusesOf(
      objects({ members: [tenant, stranger] }),
      desired({ members: [desiredMember('alice')] }),
      outcome(state({ members: [member('alice')] }), refused('Conflict')),
      NOW,
    );
    const ready = patches.flatMap(({ kind, object, status }) =>
      kind === 'Member'
        ? [`${object.metadata.namespace} ${status.conditions.find(({ type }) => type === 'Ready')?.status}`]
        : [],
    );
    expect(ready.sort()).toEqual(['acme True', 'tenant False']);
  });
});

describe('statuses after a pass', () => {
  it('says Ready of everything that is as declared, and of the Organization with its numbers', () => {
    const alice = memberObject('alice');
    const patches = statusesOf(
      objects({ members: [alice] }),
      desired({ members: [desiredMember('alice')] }),
      outcome(state({ members: [member('alice')] })),
      NOW,
    );
    expect(said(patchOf(patches, 'Member').status.conditions)).toEqual([
      'Joined=True/Joined',
      'Ready=True/Succeeded',
      'SuspensionMatches=True/Succeeded',
      'TemplateBound=True/NoTemplate',
    ]);
    const { status } = patchOf(patches, 'Organization');
    expect(said(status.conditions)).toEqual([
      'Connected=True/Succeeded',
      'Drifted=False/NoDrift',
      'PlanHeld=False/NothingHeld',
      'Ready=True/Succeeded',
      'SeatsAvailable=True/Succeeded',
    ]);
    expect(status).toMatchObject({
      observedGeneration: 3,
      counts: { members: 1, invited: 0, suspended: 0 },
      plan: { steps: 0, held: 0 },
      auditHead: { sequence: 12 },
    });
  });

  it('is Ready while an invite is open: Ready never waits for a person', () => {
    const invite = { id: 'i', since: NOW - 1000, sentAt: NOW - 1000, expiresAt: NOW + 1000, attempts: 1 };
    const patches = statusesOf(
      objects({ members: [memberObject('alice')] }),
      desired({ members: [desiredMember('alice')] }),
      outcome(state({ members: [member('alice', { state: 'Invited', invite })] })),
      NOW,
    );
    expect(said(patchOf(patches, 'Member').status.conditions)).toEqual([
      'Joined=False/InvitePending',
      'Ready=True/Succeeded',
      'SuspensionMatches=True/Succeeded',
      'TemplateBound=True/NoTemplate',
    ]);
    expect(patchOf(patches, 'Member').status).toMatchObject({ invite: { state: 'Pending', attempts: 1 } });
  });

  it('says what a rail holds on the Organization, with the PlanApproval that releases it (rail 1)', () => {
    const patches = statusesOf(
      objects(),
      desired(),
      outcome(state({ members: [member('bob')] }), {
        steps: heldRemoval.steps,
        held: [heldRemoval],
        digest: DIGEST,
      }),
      NOW,
    );
    const { status } = patchOf(patches, 'Organization');
    expect(said(status.conditions)).toEqual([
      'Connected=True/Succeeded',
      'Drifted=False/NoDrift',
      'PlanHeld=True/MassAbsence',
      'Ready=False/MassAbsence',
      'SeatsAvailable=True/Succeeded',
      'Stalled=True/MassAbsence',
    ]);
    const message = status.conditions.find(({ type }) => type === 'Stalled')?.message;
    expect(message).toContain('kind: PlanApproval');
    expect(message).toContain(DIGEST);
    expect(status).toMatchObject({ plan: { steps: 1, held: 1, digest: DIGEST } });
  });

  describe('of a raise that waits for an approval (rail 2)', () => {
    const raise = (kind: 'Member' | 'MachineBinding') => ({
      ...heldRemoval,
      reason: 'NeedsApproval' as const,
      rail: 2,
      steps: heldRemoval.steps.map((step) => ({ ...step, subject: { kind, key: 'alice@acme.example' } })),
      message: 'Raises wait for an approval: alice@acme.example (Admin).',
    });
    const statuses = () => {
      const held = [raise('Member')];
      return statusesOf(
        objects({ members: [memberObject('alice')] }),
        desired({ members: [desiredMember('alice')] }),
        outcome(state({ members: [member('alice')] }), {
          steps: held.flatMap(({ steps }) => steps),
          held,
          digest: DIGEST,
        }),
        NOW,
      );
    };

    it('keep Ready, and say with which command it goes on', () => {
      const { conditions } = patchOf(statuses(), 'Member').status;
      expect(said(conditions)).toContain('Ready=True/AwaitingApproval');
      expect(said(conditions)).toContain('AwaitingApproval=True/NeedsApproval');
      expect(said(conditions).filter((one) => one.startsWith('Stalled'))).toEqual([]);
      expect(conditions.find(({ type }) => type === 'AwaitingApproval')?.message).toContain(DIGEST);
    });

    it('keep the Organization Ready with PlanHeld', () => {
      const { conditions } = patchOf(statuses(), 'Organization').status;
      expect(said(conditions)).toContain('Ready=True/AwaitingApproval');
      expect(said(conditions)).toContain('PlanHeld=True/NeedsApproval');
    });
  });

  it('says all that is held in short, with the one digest that releases it and each digest by itself', () => {
    const floor = {
      reason: 'Floor',
      rail: 3,
      steps: [removal('carol')],
      digest: null,
      message: 'Never removed: carol@acme.example is in rails.requiredAdmins.',
      next: 'Declare them as admins.',
      byPlanApproval: true,
    } as const;
    const all = 'e'.repeat(64);
    const { status } = patchOf(
      statusesOf(
        objects(),
        desired(),
        outcome(state(), {
          held: [floor, heldRemoval],
          steps: [...floor.steps, ...heldRemoval.steps],
          digest: all,
        }),
        NOW,
      ),
      'Organization',
    );
    const messages = ['PlanHeld', 'Ready'].map(
      (wanted) => status.conditions.find(({ type }) => type === wanted)?.message ?? '',
    );
    expect(new Set(messages).size).toBe(1);
    expect(messages[0]).toMatch(
      /^2 holds\. Floor \(rail 3, 1 step\): Never removed: .* Declare them as admins\. MassAbsence \(rail 1, 1 step\): /,
    );
    expect(messages[0]).toContain(`Or in the vault: seneschal approve ${all}`);
    expect(messages[0]).toContain(`digest: "${all}"`);
    expect(messages[0]).not.toContain(DIGEST);
    expect(status).toMatchObject({ plan: { summary: expect.stringContaining(`Digest: ${DIGEST}`) } });
  });

  it('lists what the vault has beyond the declaration', () => {
    const foreign = (message: string) =>
      ({
        subject: { kind: 'Organization', key: 'vault_0123456789abcdef' },
        source: null,
        reason: 'Foreign',
        severity: 'Info',
        message,
        next: 'Declare them to manage them from here.',
      }) as const;
    const findings = ['1 project not declared, and left alone: Main.', '1 machine not declared: ci.'].map(
      foreign,
    );
    const { status } = patchOf(
      statusesOf(objects(), desired(), outcome(state(), { findings }), NOW),
      'Organization',
    );
    expect(status.conditions.find(({ type }) => type === 'Drifted')).toMatchObject({
      status: 'True',
      reason: 'Foreign',
      message: '1 project not declared, and left alone: Main. 1 machine not declared: ci.',
    });
  });

  it('says what a rail holds on the object that the step is about', () => {
    const held = { ...heldRemoval, steps: [invitation('alice')] };
    const patches = statusesOf(
      objects({ members: [memberObject('alice')] }),
      desired({ members: [desiredMember('alice')] }),
      outcome(state(), { steps: held.steps, held: [held] }),
      NOW,
    );
    expect(said(patchOf(patches, 'Member').status.conditions)).toContain('Stalled=True/MassAbsence');
  });

  it('says a refusal of the vault on its object alone, with cause and next step', () => {
    const steps = [invitation('alice')];
    const patches = statusesOf(
      objects({ members: [memberObject('alice'), memberObject('bob')] }),
      desired({ members: [desiredMember('alice'), desiredMember('bob')] }),
      outcome(
        state({ members: [member('bob')] }),
        { steps, runnable: steps },
        {
          answers: new Map([
            [
              'hash-of-inviting-alice',
              {
                status: 'Refused' as const,
                code: 'SeatsExhausted' as const,
                message: 'No seat is free.',
                next: 'Free one.',
              },
            ],
          ]),
        },
      ),
      NOW,
    );
    const [alice, bob] = patches.filter(({ kind }) => kind === 'Member');
    expect(said(alice?.status.conditions ?? [])).toContain('Stalled=True/SeatsExhausted');
    expect(alice?.status.conditions.find(({ type }) => type === 'Ready')?.message).toBe(
      'No seat is free. Free one.',
    );
    expect(said(bob?.status.conditions ?? [])).toContain('Ready=True/Succeeded');
    const organization = patchOf(patches, 'Organization').status;
    expect(said(organization.conditions)).toContain('Ready=True/PartlyAsDeclared');
    expect(organization.conditions.find(({ type }) => type === 'Ready')?.message).toBe(
      'As declared but for: 1 refused (SeatsExhausted).',
    );
    expect(organization).toMatchObject({ open: { refused: 1 } });
  });

  it('is Reconciling while losses wait for quiet, and never Stalled beside it (rail 1)', () => {
    const patches = statusesOf(
      objects(),
      desired(),
      outcome(state({ members: [member('bob')] }), {
        steps: [removal('bob')],
        pending: [{ class: 'people', steps: [removal('bob')], dueAt: NOW + 30_000 }],
      }),
      NOW,
    );
    const conditions = said(patchOf(patches, 'Organization').status.conditions);
    expect(conditions).toContain('Reconciling=True/Settling');
    expect(conditions.some((condition) => condition.startsWith('Stalled'))).toBe(false);
  });

  it('waits for what will come, and says so on the object of the finding', () => {
    const patches = statusesOf(
      objects({ members: [memberObject('alice', { templateRef: { name: 'developers' } })] }),
      desired({
        incomplete: [{ kind: 'Member', key: 'alice@acme.example', source: source('Member', 'alice') }],
      }),
      outcome(state(), {
        findings: [
          {
            subject: { kind: 'Member', key: 'alice@acme.example' },
            source: source('Member', 'alice'),
            reason: 'TemplateNotFound',
            severity: 'Waiting',
            message: 'There is no PermissionTemplate "developers".',
            next: 'Create it.',
          },
        ],
      }),
      NOW,
    );
    expect(said(patchOf(patches, 'Member').status.conditions)).toEqual([
      'Joined=False/TemplateNotFound',
      'Ready=False/TemplateNotFound',
      'Reconciling=True/TemplateNotFound',
      'SuspensionMatches=False/TemplateNotFound',
      'TemplateBound=False/TemplateNotFound',
    ]);
  });

  it('writes of a binding Registered and Granted alone: Ready is the binding pass’s', () => {
    const binding = object(
      'MachineBinding',
      'checkout',
      {
        organizationRef: { name: 'acme' },
        machineName: 'checkout',
        projects: [{ name: 'payments', secrets: ['db'] }],
        key: { secretName: 'checkout-key' },
      },
      {
        conditions: [
          { type: 'Ready', status: 'True', reason: 'Succeeded', message: '', lastTransitionTime: 'x' },
        ],
        targets: [],
      },
    );
    const patches = statusesOf(
      objects({ bindings: [binding] }),
      desired({
        machines: [
          {
            source: source('MachineBinding', 'checkout'),
            machineName: 'checkout',
            fields: { access: [{ project: 'payments', secrets: ['db'] }] },
            deletionPolicy: 'Revoke',
            suspended: false,
            key: { fingerprint: 'f'.repeat(64), publicKey: 'x' },
            keyEnds: [],
            compromised: [],
          },
        ],
      }),
      outcome(
        state({
          machines: [
            {
              id: 'machine_1',
              name: 'checkout',
              approved: true,
              enabled: true,
              disabledAt: null,
              keys: [machineKey('f'.repeat(64))],
              access: [{ project: 'payments', secrets: ['db'] }],
            },
          ],
        }),
      ),
      NOW,
    );
    const { status } = patchOf(patches, 'MachineBinding');
    expect(said(status.conditions)).toEqual(['Granted=True/Succeeded', 'Registered=True/Succeeded']);
    expect(Object.keys(status).sort()).toEqual(['conditions', 'grantedSecrets', 'machineId']);
  });

  it('moves lastTransitionTime only when a status flips', () => {
    const pass = (now: number, alice = memberObject('alice')) =>
      patchOf(
        statusesOf(
          objects({ members: [alice] }),
          desired({ members: [desiredMember('alice')] }),
          outcome(state({ members: [member('alice')] })),
          now,
        ),
        'Member',
      ).status;
    const first = pass(NOW);
    const second = pass(NOW + 60_000, { ...memberObject('alice'), status: first });
    expect(second).toEqual(first);
  });

  it('gives nothing that the schemas of the statuses do not take', () => {
    const invite = { id: 'i', since: NOW - 9000, sentAt: NOW - 9000, expiresAt: NOW - 1000, attempts: 2 };
    const patches = statusesOf(
      objects({
        members: [memberObject('alice'), memberObject('bob')],
        templates: [
          object('PermissionTemplate', 'developers', {
            organizationRef: { name: 'acme' },
            capabilities: { Secrets: ['View'] },
          }),
        ],
        projects: [object('Project', 'payments', { organizationRef: { name: 'acme' } })],
        approvals: [
          object('PlanApproval', 'approve-1', {
            organizationRef: { name: 'acme' },
            digest: DIGEST,
            approver: 'alice@acme.example',
            reason: 'they left',
          }),
        ],
      }),
      desired({ members: [desiredMember('alice')] }),
      outcome(
        state({ members: [member('alice', { state: 'Invited', invite })] }),
        { steps: heldRemoval.steps, held: [heldRemoval], digest: DIGEST },
        { usedApprovals: ['approve-1'] },
      ),
      NOW,
    );
    for (const { kind, status } of patches) STATUSES[kind].parse(status);
    expect(patchOf(patches, 'PlanApproval').status).toMatchObject({
      state: 'Used',
      usedAt: '2026-01-02T03:04:05Z',
    });
  });
});
