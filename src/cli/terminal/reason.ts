import { Failure } from './failure.ts';
import { isTerminal, TERMINAL, type Terminal, withTypedLines } from './typed-lines.ts';

/**
 * Why something is done: as given, or as typed at a terminal; `shownTo` says who reads it. Throws Failure `Usage` where it
 * is not said, and Interruption.
 */
export async function reasonOf(
  given: string | undefined,
  shownTo: string,
  terminal: Terminal = TERMINAL,
): Promise<string> {
  if (given !== undefined) return given;
  const missing = new Failure('Usage', '--reason is missing.', `Say why by --reason; ${shownTo}.`);
  if (!isTerminal(terminal)) throw missing;
  const line = await withTypedLines(terminal, (ask) => ask(`Why? It is kept: ${shownTo}. `, 'shown'));
  const reason = line?.trim() ?? '';
  if (reason === '') throw missing;
  return reason;
}
