import { expect, test } from 'vitest';
import { confirmed } from '#cli/terminal/confirmed.ts';
import { terminal } from '#test/builders/terminal.ts';

test.each(['y\r', 'YES\r'])('goes on where somebody says %j to what would be', async (keys) => {
  const typed = terminal(keys);
  await confirmed('web would be gone.', typed);
  expect(typed.shown()).toContain('web would be gone. Do it? [y/N] ');
});

test.each(['n\r', '\r', '', 'yeah\r'])('does nothing on %j', async (keys) => {
  await expect(confirmed('web would be gone.', terminal(keys))).rejects.toMatchObject({
    outcome: 'Usage',
    message: 'Nothing was done.',
  });
});

test('asks nobody in a pipe, and says what would be', async () => {
  await expect(confirmed('web would be gone.', terminal('y\r', false))).rejects.toMatchObject({
    message: 'web would be gone. Nothing was done.',
    next: 'Give --yes to do it.',
  });
});
