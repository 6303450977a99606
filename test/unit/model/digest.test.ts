import { describe, expect, it } from 'vitest';
import { canonicalJson, planDigest, sha256, stepHash } from '#model/digest.ts';
import { budgetOf, DEFAULT_BUDGETS } from '#model/loss.ts';
import { normalizeEmail } from '#model/organization.ts';
import { SecretValue } from '#model/secret-value.ts';
import type { StepAction } from '#model/step.ts';

const create = (key: string): StepAction => ({
  kind: 'CreateProject',
  key,
  before: null,
  after: { description: '' },
});

describe('digests', () => {
  it('are over canonical JSON (RFC 8785)', () => {
    expect(canonicalJson({ b: 1, a: [true, 'é'] })).toBe('{"a":[true,"é"],"b":1}');
    expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('of a plan do not depend on the order of its steps', () => {
    expect(planDigest('v', [create('a'), create('b')])).toBe(planDigest('v', [create('b'), create('a')]));
    expect(planDigest('v', [create('a')])).not.toBe(planDigest('w', [create('a')]));
  });

  it('of a step are of the decision alone', () => {
    const decided: StepAction = Object.assign(create('a'), { provenance: 'ignored' });
    expect(stepHash('v', decided)).toBe(stepHash('v', create('a')));
  });
});

describe('budgets (rail 1)', () => {
  it.each([
    ['people', 10, 2],
    ['people', 100, 5],
    ['people', 1000, 10],
    ['access', 100, 20],
    ['access', 1000, 100],
    ['machines', 100, 20],
    ['projects', 1000, 0],
  ] as const)('of %s among %i are %i', (lossClass, population, units) => {
    expect(budgetOf(DEFAULT_BUDGETS[lossClass], population)).toBe(units);
  });
});

describe('values', () => {
  it('never print', () => {
    const value = new SecretValue('hunter2');
    expect([`${value}`, JSON.stringify({ value }), value.reveal()]).toEqual([
      '[redacted]',
      '{"value":"[redacted]"}',
      'hunter2',
    ]);
  });

  it('of e-mail are compared without case', () => {
    expect(normalizeEmail(' Alice@Acme.Example ')).toBe('alice@acme.example');
  });
});
