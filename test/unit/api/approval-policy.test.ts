import { describe, expect, test } from 'vitest';
import { APPROVAL_POLICY_OBJECTS, approvalsProvenSince } from '#api/v1alpha1/approval-policy.ts';

const [policy, binding] = APPROVAL_POLICY_OBJECTS;
const metadata = { creationTimestamp: '2026-01-01T00:00:00Z' };
const since = (policySpec: object, bindingSpec: object = binding.spec) =>
  approvalsProvenSince({ metadata, spec: policySpec }, { metadata, spec: bindingSpec });

describe('approvals are proven', () => {
  test('since the last change of policy or binding', () => {
    expect(since(policy.spec)).toBe(Date.parse('2026-01-01T00:00:00Z'));
    const edited = { ...metadata, managedFields: [{ time: '2026-01-02T00:00:00Z' }] };
    expect(
      approvalsProvenSince({ metadata, spec: policy.spec }, { metadata: edited, spec: binding.spec }),
    ).toBe(Date.parse('2026-01-02T00:00:00Z'));
  });

  test('with what the API server fills in', () => {
    const matchConstraints = {
      ...policy.spec.matchConstraints,
      matchPolicy: 'Equivalent',
      namespaceSelector: {},
      objectSelector: {},
      resourceRules: policy.spec.matchConstraints.resourceRules.map((rule) => ({ ...rule, scope: '*' })),
    };
    expect(since({ ...policy.spec, matchConstraints })).not.toBeNull();
  });

  test('not without policy or binding', () => {
    expect(approvalsProvenSince(undefined, { metadata, spec: binding.spec })).toBeNull();
    expect(approvalsProvenSince({ metadata, spec: policy.spec }, undefined)).toBeNull();
  });

  test.each([
    ['that fails open', { ...policy.spec, failurePolicy: 'Ignore' }],
    ['that lacks a rule', { ...policy.spec, validations: policy.spec.validations.slice(1) }],
    [
      'with a condition of its own',
      { ...policy.spec, matchConditions: [{ name: 'x', expression: 'false' }] },
    ],
    [
      'that leaves namespaces out',
      {
        ...policy.spec,
        matchConstraints: { ...policy.spec.matchConstraints, namespaceSelector: { matchLabels: { a: 'b' } } },
      },
    ],
  ])('not by a policy %s', (_, spec) => {
    expect(since(spec)).toBeNull();
  });

  test('not by a binding that only warns, or that leaves namespaces out', () => {
    expect(since(policy.spec, { ...binding.spec, validationActions: ['Warn'] })).toBeNull();
    expect(
      since(policy.spec, {
        ...binding.spec,
        matchResources: { namespaceSelector: { matchLabels: { a: 'b' } } },
      }),
    ).toBeNull();
  });
});
