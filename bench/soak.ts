/**
 * `npm run soak [-- KILLS [SEED]]`: what the suite kills a few times, killed often. The operator 500 times
 * (test/e2e/killed-anywhere.test.ts) and then the vault server under write load 300 times
 * (test/integration/vault-server/killed-under-load.test.ts), or both so often as is said. Each prints its seed; a seed
 * given again makes the same choices.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const SOAKS = [
  { file: 'test/e2e/killed-anywhere.test.ts', project: 'cluster', kills: '500' },
  { file: 'test/integration/vault-server/killed-under-load.test.ts', project: 'vault', kills: '300' },
] as const;

const root = join(import.meta.dirname, '..');
const [asked, seed] = process.argv.slice(2);

for (const { file, project, kills } of SOAKS) {
  const child = spawn(
    process.execPath,
    [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', project, file],
    {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...process.env,
        SENESCHAL_KILLS: asked ?? kills,
        ...(seed === undefined ? {} : { SENESCHAL_SEED: seed }),
      },
    },
  );
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) process.exitCode = 1;
}
