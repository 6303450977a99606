import { mkdtempSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Path of the program as the run's global set-up bundled it. Throws in a project without that set-up. */
export function program(): string {
  const path = process.env.SENESCHAL_TEST_PROGRAM;
  if (path === undefined) throw new Error('the project lacks test/program/global-setup.ts');
  return path;
}

/** A new folder that goes at the end of the run. */
export function runFolder(): string {
  return mkdtempSync(join(dirname(program()), 'folder-'));
}
