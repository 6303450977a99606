/** V2: a test fails in which a vault took or answered what docs/openapi.json does not say. */
import { afterEach, expect } from 'vitest';
import { takeFaults, watchVaults } from './judge.ts';

/** The fuzzer sends what no document allows, and judges by itself what it is answered. */
const IS_BROKEN_ON_PURPOSE = /vault.fuzz.fuzz\.test\.ts$/;

watchVaults();

afterEach(() => {
  const faults = takeFaults();
  if (faults.length === 0 || IS_BROKEN_ON_PURPOSE.test(expect.getState().testPath ?? '')) return;
  throw new Error(
    `not as docs/openapi.json has it (after a change of a route: npm run crds):\n${faults.join('\n')}`,
  );
});
