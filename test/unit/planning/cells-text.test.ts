import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CELLS } from '#model/capabilities.ts';
import { groupedCells } from '#planning/cells-text.ts';

describe('cells of a change, for people', () => {
  it('stand together by category, and projects that have the same ones stand together', () => {
    expect(
      groupedCells([
        'Secrets: View in website',
        'Secrets: Manage in payments',
        'Secrets: View in payments',
        'Secrets: Manage in website',
        'Projects: View in all projects',
        'Audit log: View others',
        'Audit log: View',
      ]),
    ).toEqual([
      'Audit log: View, View others',
      'Projects: View in all projects',
      'Secrets: View, Manage in payments, website',
    ]);
  });

  it('keep a name that looks like a part of the sentence, and what is no cell', () => {
    expect(groupedCells(['Secrets: View in a in b', 'web/token'])).toEqual([
      'Secrets: View in a in b',
      'web/token',
    ]);
  });

  it('are all there, whatever they are: none is only counted', () => {
    const place = fc.constantFrom('', ' in web', ' in all projects', ' in shop');
    const cell = fc
      .tuple(fc.constantFrom(...CELLS.map(({ id }) => id as string)), place)
      .map(([id, at]) => `${id}${at}`);
    fc.assert(
      fc.property(fc.uniqueArray(cell, { maxLength: 40 }), (cells) => {
        const told = groupedCells(cells).flatMap((line) => {
          const [, category = '', names = '', places] = /^([^:]+): (.+?)(?: in (.+))?$/.exec(line) ?? [];
          const where = places === undefined ? [''] : places.split(', ').map((one) => ` in ${one}`);
          return names.split(', ').flatMap((name) => where.map((at) => `${category}: ${name}${at}`));
        });
        expect(told.toSorted()).toEqual(cells.toSorted());
      }),
    );
  });
});
