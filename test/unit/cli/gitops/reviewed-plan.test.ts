import { describe, expect, it, test } from 'vitest';
import type { PlanDocument, StepDocument } from '#cli/gitops/plan-document.ts';
import { planHash } from '#cli/gitops/plan-hash.ts';
import { reviewedPlan, reviewedSteps } from '#cli/gitops/reviewed-plan.ts';
import { Failure } from '#cli/terminal/failure.ts';
import { planDigest, stepHash } from '#model/digest.ts';
import type { StepAction } from '#model/step.ts';

const VAULT = 'vault_1';
const suspend = (key: string): StepAction => ({
  kind: 'SuspendMember',
  key,
  before: { state: 'Active' },
  after: { state: 'Suspended' },
});
const shown = (action: StepAction, fields: Partial<StepDocument> = {}): StepDocument => ({
  ...action,
  hash: stepHash(VAULT, action),
  why: 'state: Suspended',
  standing: 'Run',
  loss: { class: 'suspensions', units: 1 },
  gain: false,
  changes: [],
  source: { kind: 'Member', namespace: 'acme', name: 'a', place: 'a.yaml:3' },
  ...fields,
});
const [alice, bob] = [suspend('alice@x.example'), suspend('bob@x.example')];
const digest = planDigest(VAULT, [bob]);
const unhashed: Omit<PlanDocument, 'hash'> = {
  schemaVersion: 1,
  organization: { namespace: 'acme', name: 'acme' },
  vaultId: VAULT,
  epoch: 'e',
  revision: 7,
  digest,
  observeOnly: null,
  steps: [shown(alice), shown(bob, { standing: 'Held' })],
  held: [
    {
      reason: 'LossBudget',
      rail: 1,
      steps: [stepHash(VAULT, bob)],
      digest,
      message: 'beyond the budget',
      next: 'Approve it.',
    },
  ] as PlanDocument['held'],
  managed: [],
  open: { counts: {}, items: [] },
  findings: [],
};
const document: PlanDocument = { ...unhashed, hash: planHash(unhashed) };
const [first, second] = document.steps as [StepDocument, StepDocument];
const [hold] = document.held as [PlanDocument['held'][number]];

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return `${error.outcome}: ${error.message}`;
    throw error;
  }
  return 'taken';
}

test('a plan is read back as it was written, in whatever order a tool put its fields', () => {
  expect(reviewedPlan(JSON.stringify(document), 'p.json')).toEqual(document);
  const turned = Object.fromEntries(Object.entries(document).reverse());
  expect(reviewedPlan(JSON.stringify(turned, null, 4), 'p.json')).toEqual(document);
});

test.each([
  '',
  'null',
  '[]',
  '{"schemaVersion":2}',
  '{"schemaVersion":1,"hash":"","vaultId":"v","steps":[null]}',
])('%j is no plan', (text) => {
  expect(refusal(() => reviewedPlan(text, 'p.json'))).toBe('Usage: p.json is no plan of schemaVersion 1.');
});

const WHOLE = `the plan is not what its hash ${document.hash.slice(0, 12)}… says; steps may have been taken out of it`;

describe('a plan that was edited is stale, and the message says where', () => {
  const edits: readonly [string, Partial<PlanDocument>, string][] = [
    [
      'another person under the hash of a step',
      { steps: [{ ...first, key: 'eve@x.example' }, second] },
      `step 1, SuspendMember eve@x.example, is not what its hash ${first.hash.slice(0, 12)}… says`,
    ],
    [
      'another outcome under it',
      { steps: [first, { ...second, after: { state: 'Active' } }] },
      `step 2, SuspendMember bob@x.example, is not what its hash ${second.hash.slice(0, 12)}… says`,
    ],
    [
      'another vault',
      { vaultId: 'vault_2' },
      `step 1, SuspendMember alice@x.example, is not what its hash ${first.hash.slice(0, 12)}… says`,
    ],
    [
      'a held step taken out',
      { steps: [first] },
      `what is held (1) names a step ${second.hash.slice(0, 12)}… that is not shown`,
    ],
    [
      'the digest of a hold',
      { held: [{ ...hold, digest: '0'.repeat(64) }] },
      'what is held (1) is not what its digest 000000000000… says',
    ],
    [
      'the digest of it all',
      { digest: '0'.repeat(64) },
      'its digest 000000000000… is not that of all that is held',
    ],
    ['no digest', { digest: null }, 'its digest none is not that of all that is held'],
    ['a step taken out that runs', { steps: [second] }, WHOLE],
    ['steps in another order', { steps: [second, first] }, WHOLE],
    ['a step twice', { steps: [first, first, second] }, WHOLE],
    ['another rail that holds', { held: [{ ...hold, rail: 9 }] }, WHOLE],
    ['who gains by a step', { steps: [{ ...first, gain: true }, second] }, WHOLE],
    ['another revision', { revision: 8 }, WHOLE],
    [
      'what comes under management',
      { managed: [{ kind: 'Member', key: 'x', origin: 'a', before: null }] },
      WHOLE,
    ],
  ];
  it.each(edits)('%s', (_, edit, why) => {
    expect(refusal(() => reviewedPlan(JSON.stringify({ ...document, ...edit }), 'p.json'))).toBe(
      `StalePlan: p.json was edited: ${why}; nothing was applied.`,
    );
  });
});

describe('the reviewed steps run where they are planned now', () => {
  it('with the consequence that was reviewed', () => {
    expect(reviewedSteps(document, document, [])).toEqual(new Set([first.hash, second.hash]));
  });

  it('and not where something else comes under management than the plan shows', () => {
    const taken = { kind: 'Member', key: 'x@x.example', origin: 'acme', before: null } as const;
    const present = { ...document, managed: [taken] };
    for (const shown of [document, { ...document, managed: undefined as unknown as [] }]) {
      expect(refusal(() => reviewedSteps(shown, present, []))).toBe(
        'StalePlan: What is managed from here on that was in the vault before is not what the plan shows; ' +
          'nothing was applied.',
      );
    }
    expect(reviewedSteps(present, present, []).size).toBe(2);
  });

  it.each([
    ['gain', { gain: true }],
    ['loss', { loss: null }],
    ['words', { why: 'rotation' }],
    ['changes', { changes: [{ who: 'x' }] as unknown as StepDocument['changes'] }],
  ])('and not with another %s', (_, fields) => {
    const edited = { ...document, steps: [{ ...first, ...fields }, second] };
    expect(refusal(() => reviewedSteps(edited, document, []))).toBe(
      'StalePlan: SuspendMember alice@x.example: who gains and who loses what by it is not what the plan shows ' +
        `(step ${first.hash.slice(0, 12)}…); nothing was applied.`,
    );
  });
});
