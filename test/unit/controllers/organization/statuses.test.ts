import { describe, expect, it } from 'vitest';
import { STATUSES } from '#api/v1alpha1/status.ts';
import { statusesOf } from '#controllers/organization/statuses/statuses.ts';
import {
  DIGEST,
  desired,
  desiredMember,
  heldRemoval,
  member,
  memberObject,
  NOW,
  object,
  objects,
  outcome,
  patchOf,
  said,
  state,
} from './pass.ts';

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
