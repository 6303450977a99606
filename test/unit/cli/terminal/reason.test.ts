import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { reasonOf } from '#cli/terminal/reason.ts';

function terminal(keys: string, isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = new PassThrough();
  input.end(keys);
  return { input, output };
}

test('a reason that is given is not asked for', async () => {
  expect(await reasonOf('incident 7', 'all see it', terminal('another\r'))).toBe('incident 7');
});

test('a missing reason is asked for at a terminal, which says who reads it', async () => {
  const typed = terminal('  incident 8 \r');
  expect(await reasonOf(undefined, 'all see it', typed)).toBe('incident 8');
  expect(String(typed.output.read())).toContain('all see it');
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
