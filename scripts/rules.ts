/** Writes docs/rules.md and the index of the rules in docs/architecture.md; fails where table, comments and tests do not fit together. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ruleProblems, rulesPage, type TextFile, withRulesIndex } from './rules-page.ts';
import { RULES } from './rules-table.ts';

const ROOT = join(import.meta.dirname, '..');

async function filesOf(folder: string, ending: string): Promise<TextFile[]> {
  const names = await readdir(join(ROOT, folder), { recursive: true });
  return Promise.all(
    names
      .filter((name) => name.endsWith(ending))
      .map(async (name) => {
        const path = `${folder}/${name.replaceAll('\\', '/')}`;
        return { path, text: await readFile(join(ROOT, path), 'utf8') };
      }),
  );
}

const sources = await filesOf('src', '.ts');
const tests = await filesOf('test', '.test.ts');
const problems = ruleProblems(RULES, sources, tests);
if (problems.length > 0) {
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.stderr.write(
    'next: correct the first comments, cite the rule in a test, or list the file in scripts/rules-table.ts\n',
  );
  process.exit(1);
}
await writeFile(join(ROOT, 'docs', 'rules.md'), rulesPage(RULES, sources, tests));
const architecture = join(ROOT, 'docs', 'architecture.md');
await writeFile(architecture, withRulesIndex(await readFile(architecture, 'utf8'), RULES, sources));
