import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const SOURCES = join(import.meta.dirname, '../../../../src/vault');
/** Where it is decided who is active (M5). */
const DECIDED = 'store/active-members.ts';

it('nobody asks the table for the state Active alone: who has ended would be let in (M5)', () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  expect(files).toContain(DECIDED);
  const asking = files.filter((name) => {
    const text = readFileSync(join(SOURCES, name), 'utf8');
    return /state', '=', 'Active'|state = 'Active'|\.state (?:===|!==) 'Active'/.test(text);
  });
  expect(asking).toEqual([DECIDED]);
});
