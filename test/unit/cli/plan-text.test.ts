import { expect, test } from 'vitest';
import type { PlanDocument, StepDocument } from '../../../src/cli/plan-document.ts';
import { reviewedPlan } from '../../../src/cli/plan-document.ts';
import { planText } from '../../../src/cli/plan-text.ts';

const step = (key: string, fields: Partial<StepDocument> = {}): StepDocument => ({
  hash: key,
  kind: 'SetMemberAccess',
  key,
  before: null,
  after: null,
  why: 'grants: -payments',
  standing: 'Run',
  loss: null,
  gain: false,
  changes: [],
  source: { kind: 'Member', namespace: 'acme', name: 'a', place: 'a.yaml:3' },
  ...fields,
});
const document: PlanDocument = {
  schemaVersion: 1,
  organization: { namespace: 'acme', name: 'acme' },
  vaultId: 'vault_1',
  epoch: 'e',
  revision: 7,
  digest: null,
  observeOnly: null,
  steps: [],
  held: [],
  findings: [],
};

test('a plan without steps says so', () => {
  expect(planText(document)).toBe('acme/acme in vault_1, revision 7\n\nNo changes.');
});

test('what is held comes first, with rail, next step and digest; then what runs, with who gains and loses what', () => {
  const held = step('b@x.example', {
    standing: 'Held',
    loss: { class: 'people', units: 1 },
    source: null,
    changes: [{ who: 'b@x.example', gained: [], lost: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] }],
  });
  const both = step('a@x.example', {
    loss: { class: 'access', units: 2 },
    gain: true,
    changes: [{ who: 'a@x.example', gained: ['Secrets: View in web'], lost: ['Secrets: View in payments'] }],
  });
  const text = planText({
    ...document,
    digest: 'd1',
    steps: [both, held],
    held: [
      {
        reason: 'LossBudget',
        rail: 1,
        steps: ['b@x.example'],
        digest: 'd1',
        message: 'Too many.',
        next: 'Approve.',
      },
    ],
  });
  expect(text).toBe(`acme/acme in vault_1, revision 7

Held:
  rail 1, LossBudget: Too many.
    next: Approve.
    digest: d1
    - SetMemberAccess b@x.example [loss: 1 of people]: grants: -payments
        loses a, b, c, d, e, f and 2 more

To apply:
  ± SetMemberAccess a@x.example [loss: 2 of access]: grants: -payments  (a.yaml:3)
      gains Secrets: View in web
      loses Secrets: View in payments

1 to apply, 1 held.
People see names and metadata in the vault, never values; machines read values.
To release what is held: seneschal approve d1`);
});

test('a plan is read back as it was written, and nothing else is taken for one', () => {
  const written = { ...document, steps: [step('a@x.example')] };
  expect(reviewedPlan(JSON.stringify(written), 'p.json').steps[0]?.hash).toBe('a@x.example');
  for (const text of [
    '',
    'null',
    '[]',
    '{"schemaVersion":2}',
    '{"schemaVersion":1,"vaultId":"v","steps":[null]}',
  ]) {
    expect(() => reviewedPlan(text, 'p.json')).toThrow(/is no plan/);
  }
});
