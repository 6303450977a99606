import { expect, test } from 'vitest';
import { MovedClock, startTestVault } from '#test/builders/vault.ts';
import { history, type Size, timeBetween } from '../../../bench/history/history.ts';
import { type MergeFigures, Replay, sizeOf } from '../../../bench/history/replay.ts';

const SIZE: Size = { people: 60, teams: 30, memberships: 140, projects: 6 };
const MERGES = 40;

test('each merge of a long history validates, plans and applies, and the last leaves nothing to do', async () => {
  const clock = new MovedClock();
  await using vault = await startTestVault({ clock });
  const replay = new Replay(vault);
  const figures: MergeFigures[] = [];
  try {
    for (const merge of history(SIZE, { merges: MERGES, seed: 1, startsAt: clock.now() })) {
      clock.advance(timeBetween(MERGES));
      figures.push(await replay.merge(merge));
    }
    expect(await replay.idle()).toEqual({ left: 0, requests: ['GET /snapshot 304'], writes: 0 });
    expect(sizeOf(await vault.snapshot())).toEqual(SIZE);
    expect(new Set(figures.flatMap(({ heldBy }) => heldBy))).toContain('LossBudget');
    expect(vault.faults).toEqual([]);
  } finally {
    await replay.close();
  }
});

test('the same seed makes the same history', () => {
  const texts = [1, 1, 2].map((seed) =>
    JSON.stringify([...history(SIZE, { merges: 10, seed, startsAt: 0 })].map(({ changed }) => [...changed])),
  );
  expect(texts[0]).toBe(texts[1]);
  expect(texts[0]).not.toBe(texts[2]);
});
