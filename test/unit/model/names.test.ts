import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { hasDotSegment, isEmail, isName, isPathSegment } from '#model/names.ts';
import { pathTo } from '#protocol/request-path.ts';
import { isNormalPath } from '#vault/http/request-path.ts';

/** Short, of what names and paths quarrel about, and of anything. */
const texts = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '.',
        '..',
        '/',
        '\\',
        ' ',
        '%2e',
        '%2F',
        '%',
        '?',
        '#',
        'a',
        'é',
        '\u0000',
        '\ud800',
        '@',
        '\n',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

describe('a name is never a path (V7)', () => {
  it('every name and every address makes a normal path, which is read back as it was', () => {
    fc.assert(
      fc.property(texts, (text) => {
        if (!isName(text) && !isEmail(text)) return;
        const path = `/api/v1/groups/${encodeURIComponent(text)}`;
        expect(isNormalPath(path)).toBe(true);
        expect(decodeURIComponent(path.slice('/api/v1/groups/'.length))).toBe(text);
        expect(new URL(path, 'http://vault.example').pathname).toBe(path);
      }),
    );
  });

  it('what may stand in a path is exactly what makes a normal one', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const isNormal =
          text.isWellFormed() && text !== '' && isNormalPath(`/x/${encodeURIComponent(text)}/y`);
        expect(isPathSegment(text)).toBe(isNormal);
        expect(isPathSegment(text)).toBe(text.isWellFormed() && text !== '' && !hasDotSegment(text));
      }),
    );
  });

  it('a client sends exactly that, and throws for everything else', () => {
    fc.assert(
      fc.property(texts, (text) => {
        if (isPathSegment(text)) expect(isNormalPath(String(pathTo`/x/${text}/y`))).toBe(true);
        else expect(() => pathTo`/x/${text}/y`).toThrow('cannot be a part of a path');
      }),
    );
  });

  test.each([
    '.',
    '..',
    '',
    'a/../b',
    'a/b',
    'a\\b',
    '..\\..',
    ' a',
    'a ',
    'a\u0000b',
    'a\ud800',
    'x'.repeat(129),
  ])('no name is %j', (text) => {
    expect(isName(text)).toBe(false);
  });

  test.each(['...', '.a', 'a.', '. a', '..a', '.é', '%2e%2e', 'a b', '😀', 'x'.repeat(128)])(
    'a name is %j',
    (text) => {
      expect(isName(text)).toBe(true);
    },
  );
});
