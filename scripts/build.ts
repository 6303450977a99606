/**
 * Bundles the program: an entry, `dist/seneschal.js` unless another is named, and parts beside it that a command loads
 * when it runs (docs/decisions/0042-the-program-in-parts.md). esbuild makes a part of whatever a dynamic import leads to.
 */
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';

const outfile = resolve(process.argv[2] ?? 'dist/seneschal.js');
const extension = extname(outfile);
const name = basename(outfile, extension);
const parts = join(dirname(outfile), `${name}-parts`);

/** A program that was started before goes on loading its own parts for that long, in milliseconds. */
const PART_LIFE = 60 * 60 * 1000;

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

const { warnings, outputFiles } = await build({
  entryPoints: { [name]: 'src/main.ts' },
  outdir: dirname(outfile),
  outExtension: { '.js': extension },
  chunkNames: `${name}-parts/[hash]`,
  splitting: true,
  write: false,
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
mkdirSync(parts, { recursive: true });
// The entry last, each put in place whole: a program that starts meanwhile finds the old one or the new one.
const files = [...outputFiles].sort((a, b) => Number(a.path === outfile) - Number(b.path === outfile));
for (const { path, contents } of files) {
  const partial = `${path}.${process.pid}.partial`;
  writeFileSync(partial, contents);
  if (path === outfile) chmodSync(partial, 0o755);
  renameSync(partial, path);
}
const made = new Set(files.map(({ path }) => path));
for (const part of readdirSync(parts).map((file) => join(parts, file))) {
  if (!made.has(part) && statSync(part).mtimeMs < Date.now() - PART_LIFE) rmSync(part);
}
if (warnings.length > 0) process.exitCode = 1;
const size = files.reduce((sum, { contents }) => sum + contents.length, 0);
console.log(`${outfile}: ${(size / 1024 / 1024).toFixed(2)} MiB in ${files.length} files`);
