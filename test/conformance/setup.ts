/** V2: a test fails in which a vault took or answered what docs/openapi.json does not say. */
import { afterEach } from 'vitest';
import { takeFaults, watchVaults } from './judge.ts';

watchVaults();

afterEach(() => {
  const faults = takeFaults();
  if (faults.length === 0) return;
  throw new Error(
    `not as docs/openapi.json has it (after a change of a route: npm run crds):\n${faults.join('\n')}`,
  );
});
