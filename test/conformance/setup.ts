/** V2: a test fails in which a vault took or answered what docs/openapi.json does not say. */
import { afterEach, expect } from 'vitest';
import { takeFaults, watchVaults } from './judge.ts';
import { BESIDE_DOCUMENT } from './validators.ts';

/** The fuzzer adds to queries what no route looks at; all else that it sends and is answered is held to the document. */
const ADDS_TO_QUERIES = /vault.fuzz.fuzz\.test\.ts$/;

watchVaults();

afterEach(() => {
  const adds = ADDS_TO_QUERIES.test(expect.getState().testPath ?? '');
  const faults = takeFaults().filter((fault) => !adds || !fault.includes(BESIDE_DOCUMENT));
  if (faults.length === 0) return;
  throw new Error(
    `not as docs/openapi.json has it (after a change of a route: npm run crds):\n${faults.join('\n')}`,
  );
});
