import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesHost } from '#vault/common/host-pattern.ts';

describe('a pattern of host names', () => {
  it.each([
    ['web-*', 'web-1', true],
    ['web-*', 'api-1', false],
    ['web-?', 'web-12', false],
    ['*.ci.acme.example', 'RUNNER.ci.acme.example', true],
    ['*.ci.acme.example', 'ci.acme.example', false],
    ['a*b*c', 'a-b-b-c', true],
    ['*', '', true],
    ['web', 'web-1', false],
    ['a.c', 'abc', false],
  ])('%s of %s: %s', (pattern, host, expected) => {
    expect(matchesHost(pattern, host)).toBe(expected);
  });

  it('means what the regular expression of it means', () => {
    const texts = (characters: string) => fc.string({ unit: fc.constantFrom(...characters), maxLength: 8 });
    fc.assert(
      fc.property(texts('ab*?'), texts('ab'), (pattern, host) => {
        const regular = pattern.replaceAll('*', '.*').replaceAll('?', '.');
        expect(matchesHost(pattern, host)).toBe(new RegExp(`^${regular}$`).test(host));
      }),
    );
  });

  it('of many stars takes no endless time', () => {
    expect(matchesHost('*a'.repeat(120), `${'a'.repeat(250)}b`)).toBe(false);
  });
});
