/** A new password that is typed at a terminal, twice and unseen. */
import { Failure } from '../terminal/failure.ts';
import { isTerminal, type Terminal, withTypedLines } from '../terminal/typed-lines.ts';

/** Throws Failure `Usage` where the two are not the same or there is no terminal, and Interruption. */
export async function passwordTypedTwice(terminal: Terminal): Promise<string> {
  if (!isTerminal(terminal)) {
    throw new Failure(
      'Usage',
      'There is no terminal to ask for the new password at.',
      'Give --new-password-file; - reads standard input.',
    );
  }
  return withTypedLines(terminal, async (askLine) => {
    const ask = async (question: string): Promise<string> => {
      const line = await askLine(question);
      if (line === null) throw new Failure('Usage', 'No password was typed.', 'Run again.');
      return line;
    };
    const first = await ask('New password: ');
    if ((await ask('Once more: ')) === first) return first;
    throw new Failure('Usage', 'The two are not the same. Nothing was done.', 'Run again.');
  });
}
