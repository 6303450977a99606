/**
 * `npm run soak [-- KILLS [SEED]]`: test/e2e/killed-anywhere.test.ts with 500 kills in place of 30. It prints its
 * seed; a seed given again makes the same choices.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const [kills = '500', seed] = process.argv.slice(2);

const child = spawn(
  process.execPath,
  [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', 'test/e2e/killed-anywhere.test.ts'],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      SENESCHAL_KILLS: kills,
      ...(seed === undefined ? {} : { SENESCHAL_SEED: seed }),
    },
  },
);
child.once('exit', (code) => {
  process.exitCode = code ?? 1;
});
