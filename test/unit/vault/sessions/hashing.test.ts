import { expect, it } from 'vitest';
import { inTurn } from '#vault/sessions/hashing.ts';

it('two passwords are hashed at once, a hundred wait in order, and who comes then is told to try again (V7)', async () => {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const hash = (number: number) =>
    inTurn(() => {
      begun.push(number);
      return new Promise<void>((resolve) => ends.push(resolve));
    });
  const all = Array.from({ length: 102 }, (_, number) => hash(number));
  await expect(hash(102)).rejects.toMatchObject({ code: 'TooManySignIns', status: 429 });
  expect(begun).toEqual([0, 1]);
  for (let ended = 0; ended < all.length; ended += 1) {
    ends[ended]?.();
    await all[ended];
    expect(begun).toHaveLength(Math.min(ended + 3, all.length));
  }
  expect(begun).toEqual([...begun].sort((a, b) => a - b));
});

it('work that fails hands its turn on', async () => {
  const failing = Array.from({ length: 5 }, () => inTurn(() => Promise.reject(new Error('broken'))));
  for (const one of failing) await expect(one).rejects.toThrow('broken');
  expect(await inTurn(() => Promise.resolve('done'))).toBe('done');
});
