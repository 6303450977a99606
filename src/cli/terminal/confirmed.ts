import { Failure } from './failure.ts';
import { isTerminal, TERMINAL, type Terminal, withTypedLines } from './typed-lines.ts';

/**
 * Goes on where somebody at a terminal says yes to what would be taken. Throws Failure `Usage` where nobody is there to
 * ask, or they do not, and Interruption.
 */
export async function confirmed(what: string, terminal: Terminal = TERMINAL): Promise<void> {
  if (!isTerminal(terminal)) throw new Failure('Usage', `${what} Nothing was done.`, 'Give --yes to do it.');
  const answer = await withTypedLines(terminal, (ask) => ask(`${what} Do it? [y/N] `, 'shown'));
  if (!/^(?:y|yes)$/i.test(answer?.trim() ?? ''))
    throw new Failure('Usage', 'Nothing was done.', 'Nothing; or run again, and answer y.');
}
