import { expect, test } from 'vitest';
import { reasonOf } from '#cli/terminal/reason.ts';
import { terminal } from '#test/builders/terminal.ts';

test('a reason that is given is not asked for', async () => {
  expect(await reasonOf('incident 7', 'all see it', terminal('another\r'))).toBe('incident 7');
});

test('a missing reason is asked for at a terminal, which says who reads it', async () => {
  const typed = terminal('  incident 8 \r');
  expect(await reasonOf(undefined, 'all see it', typed)).toBe('incident 8');
  expect(typed.shown()).toContain('all see it');
});

test.each([
  ['nothing is typed', terminal('\r')],
  ['the input ends', terminal('')],
  ['there is no terminal', terminal('incident 9\r', false)],
])('there is none where %s, and it is said how to give one', async (_, at) => {
  await expect(reasonOf(undefined, 'all see it', at)).rejects.toMatchObject({
    outcome: 'Usage',
    next: 'Say why by --reason; all see it.',
  });
});
