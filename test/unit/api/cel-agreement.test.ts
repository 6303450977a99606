import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KINDS } from '#api/v1alpha1/kinds.ts';
import { parseObject } from '#api/v1alpha1/validate.ts';
import { arbitraryCustomResource, schemaOf } from '#test/builders/arbitrary-custom-resource.ts';
import { isAboutChange, judge, rulesOf, verdicts } from '#test/builders/cel-oracle.ts';

/** Judged by zod alone: too dear for the API server's budget. */
const WITHOUT_CEL =
  'a target holds a secret that the machine may not read; list it in projects[].secrets too';

/** Judged by the API server by the format of the schema. */
const BY_FORMAT = 'must be a day and a time that there are';

/** Fewer verdicts of a kind than this would say nothing of a rule. */
const ENOUGH = 5;

/** What the rules about a change mean. zod sees one object, so that they have no twin there. */
const CHANGES: Readonly<Record<string, (self: unknown, oldSelf: unknown) => boolean>> = {
  'self == oldSelf': isDeepStrictEqual,
  'self.lowerAscii() == oldSelf.lowerAscii()': (self, oldSelf) => ascii(self) === ascii(oldSelf),
};

const ascii = (text: unknown) => String(text).replaceAll(/[A-Z]/g, (it) => it.toLowerCase());

describe('each CEL rule of the CRDs and its twin in zod', () => {
  test.each(KINDS)('agree on random objects of %s', (kind) => {
    const schema = schemaOf(kind);
    const rules = rulesOf(schema).filter(({ expression }) => !isAboutChange(expression));
    const seen = new Map(rules.map(({ rule }) => [rule, { true: 0, false: 0 }]));
    const messages = new Set([...rules.map(({ message }) => message), WITHOUT_CEL, BY_FORMAT]);
    fc.assert(
      fc.property(arbitraryCustomResource(kind), (object) => {
        const parsed = parseObject(object);
        const problems = parsed.ok ? [] : parsed.problems;
        // Nothing else is wrong with it, so that zod has judged every rule.
        expect(problems.filter(({ message }) => !messages.has(message))).toEqual([]);
        for (const { rule, message, at, holds } of verdicts(schema, object)) {
          const byZod = !problems.some(
            (problem) =>
              problem.message === message && isDeepStrictEqual(problem.path.slice(0, at.length), at),
          );
          expect(byZod, JSON.stringify({ rule, at, object })).toBe(holds);
          seen.get(rule)![`${holds}`] += 1;
        }
      }),
      { numRuns: 1_000 },
    );
    const rarely = [...seen].filter(([, count]) => count.true < ENOUGH || count.false < ENOUGH);
    expect(rarely).toEqual([]);
    expect(seen.size).toBeGreaterThan(0);
  });
});

describe('each CEL rule about a change', () => {
  const changing = KINDS.flatMap((kind) =>
    rulesOf(schemaOf(kind))
      .filter(({ expression }) => isAboutChange(expression))
      .map((rule) => ({ kind, ...rule })),
  );

  test.each(changing)('$kind: $rule means what it says', ({ kind, rule, expression }) => {
    const path = rule.slice(0, rule.indexOf(':')).split('.');
    const at = (object: unknown) =>
      path.reduce<unknown>((value, part) => (value as Record<string, unknown>)?.[part], object);
    const means = CHANGES[expression]!;
    const seen = { true: 0, false: 0 };
    fc.assert(
      fc.property(
        arbitraryCustomResource(kind),
        arbitraryCustomResource(kind),
        fc.nat(2),
        (one, two, how) => {
          const oldSelf = at(one);
          const copy: unknown = structuredClone(oldSelf);
          const swapped = typeof copy === 'string' ? copy.toUpperCase() : copy;
          const self = [at(two), copy, swapped][how];
          const holds = judge(expression, self, oldSelf);
          expect(holds, JSON.stringify({ self, oldSelf })).toBe(means(self, oldSelf));
          seen[`${holds}`] += 1;
        },
      ),
      { numRuns: 500 },
    );
    expect(Math.min(seen.true, seen.false)).toBeGreaterThanOrEqual(ENOUGH);
  });
});
