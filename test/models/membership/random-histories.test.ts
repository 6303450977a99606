import { expect, test } from 'vitest';
import { checkHistories, runsOf } from './check.ts';
import { openOracle } from './memory.ts';

const RUNS = runsOf(1);

test('in any history an organization comes to be as declared, or says why not, and nobody is lost or asked too often', {
  timeout: 60_000 + RUNS * 1000,
}, async () => {
  await expect(
    checkHistories(openOracle, { runs: RUNS, commands: 40, name: 'histories' }),
  ).resolves.toBeUndefined();
});
