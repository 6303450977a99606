/**
 * `npm run soak [-- COUNT [SEED]]`: what the suite does a few times, done often. The operator is killed 500 times
 * (test/e2e/killed-anywhere.test.ts), then the vault server under write load 300 times
 * (test/integration/vault-server/killed-under-load.test.ts), then replicas poll beside 100,000 addresses
 * (test/integration/vault/machine-api/replicas.test.ts), then 50,000 random histories of an organization are lived
 * (test/models/membership, a twentieth of them over a real server); or all of them so often as is said. What chooses
 * prints its seed; a seed given again makes the same choices.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const SOAKS = [
  { file: 'test/e2e/killed-anywhere.test.ts', project: 'cluster', variable: 'SENESCHAL_KILLS', count: '500' },
  {
    file: 'test/integration/vault-server/killed-under-load.test.ts',
    project: 'vault',
    variable: 'SENESCHAL_KILLS',
    count: '300',
  },
  {
    file: 'test/integration/vault/machine-api/replicas.test.ts',
    project: 'vault',
    variable: 'SENESCHAL_ADDRESSES',
    count: '100000',
  },
  { file: 'test/models/membership', project: 'models', variable: 'SENESCHAL_HISTORIES', count: '50000' },
] as const;

const root = join(import.meta.dirname, '..');
const [asked, seed] = process.argv.slice(2);

for (const { file, project, variable, count } of SOAKS) {
  const child = spawn(
    process.execPath,
    [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', project, file],
    {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...process.env,
        [variable]: asked ?? count,
        ...(seed === undefined ? {} : { SENESCHAL_SEED: seed }),
      },
    },
  );
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) process.exitCode = 1;
}
