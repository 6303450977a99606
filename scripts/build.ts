/**
 * Bundles the program into one file, `dist/seneschal.js` unless another is named. Commands stay lazy: esbuild turns a dynamic import
 * within the bundle into a function that is called when the command runs.
 */
import { chmodSync, renameSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { build, type Plugin } from 'esbuild';

const outfile = process.argv[2] ?? 'dist/seneschal.js';
/** Put in place whole, so that a program that starts meanwhile finds the old one or the new one. */
const partial = `${outfile}.${process.pid}.partial`;

/** CommonJS packages within call `require` for what Node brings. The `#!` line is that of the entry point. */
const banner = [
  "import { createRequire as createRequireOfNode } from 'node:module';",
  'const require = createRequireOfNode(import.meta.url);',
].join('\n');

/**
 * esbuild lifts an `import` of what Node brings to the top of the file, also from a module that is not run yet:
 * the operator would load SQLite and HTTP/2 of the vault server. As CommonJS it is loaded where it is needed.
 */
const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /.*/ }, ({ path, kind }) => {
      if (kind === 'require-call' || !isBuiltin(path)) return null;
      return { path, namespace: 'builtin' };
    });
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)})`,
    }));
  },
};

const { warnings } = await build({
  entryPoints: ['src/main.ts'],
  outfile: partial,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  banner: { js: banner },
  plugins: [lazyBuiltins],
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
});
chmodSync(partial, 0o755);
renameSync(partial, outfile);
if (warnings.length > 0) process.exitCode = 1;
console.log(`${outfile}: ${(statSync(outfile).size / 1024 / 1024).toFixed(2)} MiB`);
