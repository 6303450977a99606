import { expect, test } from 'vitest';
import { checkHistories, runsOf } from './check.ts';
import { openServer } from './server.ts';

/** A twentieth of those over the vault of the oracle: each has a server of its own. */
const RUNS = runsOf(0.05);

test('in any history over a real server the same holds', { timeout: 60_000 + RUNS * 10_000 }, async () => {
  await expect(
    checkHistories(openServer, { runs: RUNS, commands: 40, name: 'histories of a server' }),
  ).resolves.toBeUndefined();
});
