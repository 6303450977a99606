import { describe, expect, it } from 'vitest';
import { passwordTypedTwice } from '#cli/person/typed-password.ts';
import { terminal } from '#test/builders/terminal.ts';

const SECRET = 'a wholly different sentence';

describe('a password at a terminal', () => {
  it('is asked for twice, and nothing that is typed is shown', async () => {
    const typed = terminal(`${SECRET}\r${SECRET}\r`);
    expect(await passwordTypedTwice(typed)).toBe(SECRET);
    expect(typed.shown()).toBe('New password: \nOnce more: \n');
  });

  it('is corrected while it is typed', async () => {
    expect(await passwordTypedTwice(terminal(`${SECRET}x\x7f\r${SECRET}\r`))).toBe(SECRET);
  });

  it.each([
    ['two that differ', `${SECRET}\r${SECRET}x\r`, 'The two are not the same. Nothing was done.', 'Usage'],
    ['an end of the input', `${SECRET}\r`, 'No password was typed.', 'Usage'],
    ['Ctrl-C', `${SECRET}\x03`, 'Interrupted.', 'Interrupted'],
  ])('is none after %s', async (_, keys, message, outcome) => {
    const typed = terminal(keys);
    await expect(passwordTypedTwice(typed)).rejects.toMatchObject({ message, outcome });
    expect(typed.shown()).not.toContain(SECRET);
  });

  it('is not asked for where there is no terminal', async () => {
    await expect(passwordTypedTwice(terminal('', false))).rejects.toMatchObject({
      next: 'Give --new-password-file; - reads standard input.',
    });
  });
});
