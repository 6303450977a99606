import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RULES } from '#scripts/rules-table.ts';
import { ACTORS } from '#test/attack/actors.ts';
import { linksIn, ROOT } from './named-paths.ts';

interface Row {
  readonly actor: string;
  readonly cells: readonly string[];
  /** Paths from the root. */
  readonly tests: readonly string[];
}

const PAGE = 'docs/threat-model.md';
/** What the cluster refuses by itself goes by no rule of ours. */
const BY_RBAC = '-';
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const [, ...sections] = read(PAGE).split(/^## /m);
const titles = sections.map((section) => section.slice(0, section.indexOf('\n')));

/** Rows of the tables of actors; the line of a head and the one below it are none. */
const rows: readonly Row[] = sections
  .filter((_, index) => (ACTORS as readonly string[]).includes(titles[index] ?? ''))
  .flatMap((section) => {
    const actor = section.slice(0, section.indexOf('\n'));
    const lines = section.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| | '));
    return lines.map((line) => ({
      actor,
      cells: line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
      tests: linksIn(line, PAGE),
    }));
  });
const attacks = globSync('test/attack/**/*.test.ts', { cwd: ROOT }).sort();
const about = (row: Row): string => `${row.actor}: ${row.cells[1]}`;

/** What a scenario says of itself: `actor: 'Member',`. */
const saidBy = (file: string, field: 'actor' | 'rule'): string | undefined =>
  new RegExp(`^ {2}${field}: '([^']+)',$`, 'm').exec(read(file))?.[1];

describe('the threat model', () => {
  it('has assets, then a section an actor in their order', () => {
    expect(titles).toEqual(['Assets', ...ACTORS]);
    expect(new Set(rows.map(({ actor }) => actor))).toEqual(new Set(ACTORS));
  });

  it('says in each row can or cannot, what, by a rule that exists, and links tests that exist', () => {
    const ids = new Set(RULES.flatMap((group) => group.rules.map(({ id }) => id)));
    for (const row of rows) {
      expect(row.cells, about(row)).toHaveLength(4);
      const [can = '', what, rule = ''] = row.cells;
      expect(['can', 'cannot'], about(row)).toContain(can);
      expect(what, about(row)).not.toBe('');
      if (rule !== BY_RBAC) expect(ids, about(row)).toContain(rule);
      expect(row.tests.length, about(row)).toBeGreaterThan(0);
      expect(
        row.tests.filter((file) => !file.endsWith('.test.ts') || !existsSync(join(ROOT, file))),
        about(row),
      ).toEqual([]);
    }
  });

  it('has for every attack a row that its actor cannot, by the rule that the attack names', () => {
    const held = rows.filter(({ cells: [can] }) => can === 'cannot');
    const missing = attacks.filter(
      (file) =>
        !held.some(
          ({ actor, cells: [, , rule], tests }) =>
            tests.includes(file) && actor === saidBy(file, 'actor') && rule === saidBy(file, 'rule'),
        ),
    );
    expect(missing).toEqual([]);
    expect(attacks.length).toBeGreaterThan(0);
  });
});
