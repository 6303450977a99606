import { expect, test } from 'vitest';
import type { PlanDocument, StepDocument } from '#cli/gitops/plan-document.ts';
import { reviewedPlan } from '#cli/gitops/plan-document.ts';

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
