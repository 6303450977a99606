/**
 * The program, bundled once for the run as users have it, for the tests that start it. It begins several times sooner
 * than from its sources, and depends on no older `dist/`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default function setup(): () => void {
  // The first project builds it for all.
  if (process.env.SENESCHAL_TEST_PROGRAM !== undefined) return () => undefined;
  const folder = mkdtempSync(join(tmpdir(), 'seneschal-program-'));
  const root = join(import.meta.dirname, '../..');
  // A name that says it is of ES modules: no package.json is beside it.
  const program = join(folder, 'seneschal.mjs');
  execFileSync(process.execPath, [join(root, 'scripts/build.ts'), program], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  process.env.SENESCHAL_TEST_PROGRAM = program;
  // What Node compiled of it is kept for the next start.
  process.env.NODE_COMPILE_CACHE ??= join(folder, 'compiled');
  return () => {
    delete process.env.SENESCHAL_TEST_PROGRAM;
    rmSync(folder, { recursive: true, force: true });
  };
}
