import { describe, expect, it } from 'vitest';
import { statusesOf } from '#controllers/organization/statuses/statuses.ts';
import {
  DIGEST,
  desired,
  desiredMember,
  heldRemoval,
  invitation,
  member,
  memberObject,
  NOW,
  objects,
  outcome,
  patchOf,
  removal,
  said,
  state,
} from './pass.ts';

describe('the status of what is held', () => {
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
});
