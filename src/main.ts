#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * What Node compiled is kept for the next start: half of what `validate` costs. In a folder of the user's own, never in
 * the shared one for temporary files, where somebody else could leave code. Where it cannot be written, nothing is kept.
 */
function keepCompiled(): void {
  const { NODE_COMPILE_CACHE, XDG_CACHE_HOME } = process.env;
  if (NODE_COMPILE_CACHE !== undefined) return;
  enableCompileCache(join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'seneschal', 'compiled'));
}

keepCompiled();
const { run } = await import('#cli/program.ts');
process.exitCode = await run(process.argv);
