import { describe, expect, it } from 'vitest';
import { statusesOf } from '#controllers/organization/statuses/statuses.ts';
import {
  DIGEST,
  desired,
  desiredMember,
  heldRemoval,
  member,
  memberObject,
  NOW,
  objects,
  outcome,
  patchOf,
  said,
  state,
} from './pass.ts';

describe('statuses of a raise that waits for an approval (rail 2)', () => {
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
