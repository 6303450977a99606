/** All rows of the table: whatever a file of `rows/` exports as `rows`. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Row } from './row.ts';

const FOLDER = join(import.meta.dirname, 'rows');

export async function allRows(): Promise<Row[]> {
  const files = readdirSync(FOLDER).sort();
  const modules = await Promise.all(
    files.map((file) => import(pathToFileURL(join(FOLDER, file)).href) as Promise<{ rows: readonly Row[] }>),
  );
  return modules.flatMap(({ rows }) => rows);
}
