import { describe, expect, it } from 'vitest';
import { statusesOf } from '#controllers/organization/statuses/statuses.ts';
import type { Finding, Held, Step } from '#planning/plan-types.ts';
import { desired, NOW, object, objects, outcome, said, source, state } from './pass.ts';

const subject = { kind: 'Project', key: 'payments' } as const;
const CUT: Finding = {
  subject,
  source: source('Project', 'payments'),
  reason: 'ReinstateNeeded',
  severity: 'Stalled',
  message: 'In the vault the secret token of payments was deleted by carol (entry aud_1).',
  next: 'To give it back with its value, set reinstate: aud_1.',
};
const RESTORE: Step = {
  action: {
    kind: 'RestoreSecret',
    key: 'payments/token',
    before: null,
    after: { id: 'sk_0000000001', newValue: null },
  },
  hash: 'hash-of-restoring',
  why: 'in the trash: its own value',
  consequence: { loss: null, gain: true, changes: [] },
  source: source('Project', 'payments'),
  record: undefined,
  subject,
  reinstate: 'aud_1',
  withdraws: false,
  executor: 'engine',
};
const HELD: Held = {
  reason: 'NeedsApproval',
  rail: 2,
  steps: [RESTORE],
  digest: 'd'.repeat(64),
  message: 'Raises wait for an approval.',
  next: '',
  byPlanApproval: true,
};

function project(plan: Parameters<typeof outcome>[1], cuts: 'Stall' | 'Report' = 'Report') {
  const declared = object('Project', 'payments', {
    organizationRef: { name: 'acme' },
    secrets: [{ name: 'token' }],
  });
  const { organization } = objects();
  const patches = statusesOf(
    objects({
      organization: { ...organization, spec: { ...organization.spec, rails: { cuts } } },
      projects: [declared],
    }),
    desired(),
    outcome(state({ projects: [{ id: 'proj_1', name: 'payments', description: '' }] }), plan),
    NOW,
  );
  return said(patches.find(({ kind }) => kind === 'Project')?.status.conditions ?? []);
}

describe('a Project of which a person deleted a secret (rail 7)', () => {
  it.each(['Report', 'Stall'] as const)(
    'is not Ready under rails.cuts: %s, whose pods would fail later',
    (cuts) => {
      expect(project({ findings: [CUT] }, cuts)).toEqual(
        expect.arrayContaining([
          'Ready=False/ReinstateNeeded',
          'Stalled=True/ReinstateNeeded',
          'Provisioned=False/ReinstateNeeded',
        ]),
      );
    },
  );

  it('is not Ready either while what gives it back waits for an approval', () => {
    expect(project({ held: [HELD], steps: [RESTORE] })).toEqual(
      expect.arrayContaining(['Ready=False/NeedsApproval', 'Stalled=True/NeedsApproval']),
    );
  });
});
