/**
 * Bundles the program into one file, `dist/seneschal.js`. Commands stay lazy: esbuild turns a dynamic import
 * within the bundle into a function that is called when the command runs.
 */
import { chmodSync, rmSync, statSync } from 'node:fs';
import { build } from 'esbuild';

const outfile = 'dist/seneschal.js';

/** CommonJS packages within call `require` for what Node brings. The `#!` line is that of the entry point. */
const banner = [
  "import { createRequire as createRequireOfNode } from 'node:module';",
  'const require = createRequireOfNode(import.meta.url);',
].join('\n');

rmSync('dist', { recursive: true, force: true });
const { warnings } = await build({
  entryPoints: ['src/main.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  banner: { js: banner },
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
});
chmodSync(outfile, 0o755);
if (warnings.length > 0) process.exitCode = 1;
console.log(`${outfile}: ${(statSync(outfile).size / 1024 / 1024).toFixed(2)} MiB`);
