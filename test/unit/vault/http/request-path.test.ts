import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { isNormalPath } from '#vault/http/request-path.ts';

/** Names as clients put them into a path, each segment by `encodeURIComponent`. */
const names = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 20 })
  .filter((name) => name.isWellFormed());
/** Short, so that most parts are written in several ways. */
const spelled = fc
  .array(
    fc.constantFrom(
      '/',
      '.',
      '..',
      'a',
      '%2e',
      '%2E',
      '%2F',
      '%41',
      '%5C',
      '\\',
      '%',
      '~',
      ' ',
      '%C3%A9',
      '?',
      '#',
    ),
  )
  .map((parts) => `/${parts.join('')}`);

describe('the normal form of a path (V7)', () => {
  test.each([
    ['/api/v1/vaults/vault_1/machines'],
    ['/api/v1/vaults/vault_1/'],
    ['/'],
    ['/api/v1/x?after=..//%2e'],
    ['/api/v1/members/ann%40acme.example/grants/Main%2Fold'],
    ["/v1/secret/a-b_c.d~e!$&'()*+,;=:@"],
    ['/api/v1/groups/...'],
    ['/api/v1/groups/%C3%A9t%C3%A9'],
  ])('is %s', (target) => {
    expect(isNormalPath(target)).toBe(true);
  });

  test.each([
    ['a dot segment', '/api/v1/vaults/v/groups/./members'],
    ['a double dot segment', '/api/v1/vaults/v/groups/../members'],
    ['one at the end', '/api/v1/vaults/..'],
    ['an escaped one', '/api/v1/vaults/%2e%2E/x'],
    ['a half escaped one', '/api/v1/vaults/.%2E/x'],
    ['one parted by an escaped slash', '/api/v1/groups/x%2F..%2Fy'],
    ['one parted by an escaped backslash', '/api/v1/groups/x%5C..'],
    ['a doubled slash', '/api/v1//vaults'],
    ['a doubled slash at the start', '//api/v1/vaults'],
    ['a backslash', '/api\\v1/vaults'],
    ['a needless escape', '/api/v1/v%61ults'],
    ['an escape in lower case', '/api/v1/a%2fb'],
    ['half an escape', '/api/v1/a%2'],
    ['an escape of no UTF-8', '/api/v1/%FF'],
    ['raw bytes beyond ASCII', '/api/v1/\xe9'],
    ['a fragment', '/api/v1/x#y'],
    ['a space', '/api/v1/a b'],
    ['another form of target', 'http://vault.example/api/v1/vaults'],
    ['no path', '*'],
    ['nothing', ''],
  ])('is not %s', (_, target) => {
    expect(isNormalPath(target)).toBe(false);
  });

  it('is what every name but . and .. makes, alone in its segment', () => {
    fc.assert(
      fc.property(fc.array(names, { minLength: 1, maxLength: 4 }), (segments) => {
        const hasDots = segments.some((name) =>
          name.split(/[/\\]/).some((part) => part === '.' || part === '..'),
        );
        const path = `/api/v1/${segments.map(encodeURIComponent).join('/')}`;
        expect(isNormalPath(path)).toBe(!hasDots);
      }),
    );
  });

  it('is one that no parser of URLs writes in another way', () => {
    fc.assert(
      fc.property(spelled, (target) => {
        fc.pre(isNormalPath(target));
        expect(new URL(`http://vault.example${target}`).pathname).toBe(target.split('?', 1)[0]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is the only one of all spellings of a path', () => {
    fc.assert(
      fc.property(spelled, spelled, (one, other) => {
        fc.pre(isNormalPath(one) && isNormalPath(other));
        const parts = (target: string) => (target.split('?', 1)[0] ?? '').split('/').map(decodeURIComponent);
        const [path, otherPath] = [one, other].map((target) => target.split('?', 1)[0]);
        expect(JSON.stringify(parts(one)) === JSON.stringify(parts(other))).toBe(path === otherPath);
      }),
      { numRuns: 2_000 },
    );
  });
});
