import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseManifest } from '#source/manifest.ts';
import { manifestText } from '#source/manifest-text.ts';
import { resource } from '#test/builders/resources.ts';

/** What readers of YAML take for something else, and what they do not take at all. */
const ODD = [
  'yes',
  'No',
  'on',
  'null',
  '~',
  '',
  '010',
  '1e3',
  '12:30',
  '0x1f',
  '2027-01-31',
  '.inf',
  '-',
  '- a',
  'a: b',
  'a #b',
  '#a',
  '&a',
  '*a',
  '!a',
  '<<',
  '=',
  '{a}',
  '[a]',
  '"a"',
  "'a'",
  'a\nb',
  '\u0085',
  '\u2028',
  '\ufeff',
  '\u007f',
  'é ü',
  '日本',
  'Audit log',
  'a ',
  ' a',
  'a\\b',
  '@a',
  '`a`',
  '%a',
  '?',
  '| a',
  '> a',
  'a:',
  'y',
];
const text = fc.oneof(fc.constantFrom(...ODD), fc.string({ unit: 'grapheme', maxLength: 20 }));

describe('an object as YAML', () => {
  it('is read as it was, whatever texts it has', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (texts) => {
        const spec = {
          description: texts.join(''),
          list: texts,
          maps: texts.map((one) => ({ one, flag: true, n: 7 })),
        };
        const object = resource('Project', 'web', spec as never);
        const written = manifestText(object);
        expect(parse(written)).toEqual(JSON.parse(JSON.stringify(object)));
        expect(parse(written, { version: '1.1' })).toEqual(JSON.parse(JSON.stringify(object)));
      }),
      { numRuns: 300 },
    );
  });

  it('is read by this program as it was', () => {
    const description = ODD.join(' ');
    const object = resource('Project', 'web', { name: 'yes', description });
    expect(parseManifest('web.yaml', manifestText(object)).objects[0]?.object.spec).toEqual(object.spec);
  });

  it('has comments that stay comments, whatever they say', () => {
    const object = resource('Project', 'web', {});
    const written = manifestText(object, ['first\nkind: Member', 'a\u2028b\u0085c']);
    expect(written.split('\n').slice(0, 2)).toEqual(['# first kind: Member', '# a b c']);
    expect(parse(written)).toMatchObject({ kind: 'Project' });
  });
});
