/** Category to list of cells, as templates give them. */
import { z } from 'zod';
import { CATEGORIES, type Capabilities, type Category, CELLS, cellsOf } from '#model/capabilities.ts';
import { atomicMap, type Rule, setList, withRules } from './rules.ts';

/** Cells that a template can give: T4 keeps the owner's for the owner. */
export function templateCellsOf(category: Category): string[] {
  return cellsOf(category).filter((cell) => !ownerOnly(category).includes(cell));
}

const ownerOnly = (category: Category): string[] =>
  CELLS.filter((cell) => cell.ownerOnly && cell.category === category).map(({ cell }) => cell);

const listed = (names: readonly string[]): string => `[${names.map((name) => `'${name}'`).join(', ')}]`;

const celHas = (category: string, test: string): string =>
  `!('${category}' in self) || self['${category}'].all(cell, ${test})`;

const eachCell =
  (category: Category, fits: (cell: string) => boolean) =>
  (capabilities: Capabilities): true | [string, number] => {
    const index = capabilities[category]?.findIndex((cell) => !fits(cell)) ?? -1;
    return index < 0 ? true : [category, index];
  };

const matrixRules: Rule<Capabilities>[] = [
  {
    cel: `self.all(category, category in ${listed(CATEGORIES)})`,
    message: `there is no such category; the categories are: ${CATEGORIES.join(', ')}`,
    holds: (capabilities) => {
      const unknown = Object.keys(capabilities).find(
        (name) => !(CATEGORIES as readonly string[]).includes(name),
      );
      return unknown === undefined ? true : [unknown];
    },
  },
  ...CATEGORIES.flatMap((category): Rule<Capabilities>[] => {
    const cells = cellsOf(category);
    const kept = ownerOnly(category);
    const known: Rule<Capabilities> = {
      cel: celHas(category, `cell in ${listed(cells)}`),
      message: `${category} has no such cell; a template can give: ${templateCellsOf(category).join(', ')}`,
      holds: eachCell(category, (cell) => cells.includes(cell)),
    };
    if (kept.length === 0) return [known];
    const owners: Rule<Capabilities> = {
      cel: celHas(category, `!(cell in ${listed(kept)})`),
      message: `${kept.map((cell) => `${category}: ${cell}`).join(' and ')} ${kept.length === 1 ? 'is' : 'are'} the owner's alone, no template gives it (T4); a template can give: ${templateCellsOf(category).join(', ')}`,
      holds: eachCell(category, (cell) => !kept.includes(cell)),
    };
    return [known, owners];
  }),
];

export const capabilities: z.ZodType<Capabilities> = atomicMap(
  withRules(
    // Not by key: the API server would silently prune a category that the schema does not name.
    z.record(z.string(), setList(z.string().max(64), 16)).meta({ maxProperties: CATEGORIES.length }),
    matrixRules,
  ),
);
