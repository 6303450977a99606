/** A new password that is typed at a terminal, twice and unseen. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { Failure, Interruption } from '../terminal/failure.ts';

export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** Where it is asked; nothing that is typed is written there. */
  readonly output: NodeJS.WritableStream;
}

/** Throws Failure `Usage` where the two are not the same or there is no terminal, and Interruption. */
export async function passwordTypedTwice({ input, output }: Terminal): Promise<string> {
  if (input.isTTY !== true) {
    throw new Failure(
      'Usage',
      'There is no terminal to ask for the new password at.',
      'Give --new-password-file; - reads standard input.',
    );
  }
  const unseen = new Writable({ write: (_chunk, _encoding, written) => written() });
  // As a terminal: readline then takes keys one by one, and the terminal itself shows none of them.
  const lines = createInterface({ input, output: unseen, terminal: true, historySize: 0 });
  let isInterrupted = false;
  lines.on('SIGINT', () => {
    isInterrupted = true;
    lines.close();
  });
  try {
    const typed = lines[Symbol.asyncIterator]();
    const ask = async (question: string): Promise<string> => {
      output.write(question);
      const line = await typed.next();
      output.write('\n');
      if (isInterrupted) throw new Interruption();
      if (line.done === true) throw new Failure('Usage', 'No password was typed.', 'Run again.');
      return line.value;
    };
    const first = await ask('New password: ');
    if ((await ask('Once more: ')) === first) return first;
    throw new Failure('Usage', 'The two are not the same. Nothing was done.', 'Run again.');
  } finally {
    lines.close();
  }
}
