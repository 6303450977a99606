/** Lines that are typed at a terminal, unseen while they are: what is typed ahead may be the password of a later question. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { Interruption } from './failure.ts';

export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** Where it is asked; no secret that is typed is written there. */
  readonly output: NodeJS.WritableStream;
}

/** Asks one question; null: the input is at its end. `shown`: the answer is no secret. Throws Interruption. */
export type AskLine = (question: string, shown?: 'shown') => Promise<string | null>;

/** That of this process: asked on standard error, since standard output is what a command answers. */
export const TERMINAL: Terminal = { input: process.stdin, output: process.stderr };

export function isTerminal({ input }: Terminal): boolean {
  return input.isTTY === true;
}

/** Asks as often as `work` does. Throws Interruption at Ctrl-C. */
export async function withTypedLines<T>(
  { input, output }: Terminal,
  work: (ask: AskLine) => Promise<T>,
): Promise<T> {
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
    return await work(async (question, shown) => {
      output.write(question);
      const { done, value } = await typed.next();
      const line = done === true ? null : value;
      output.write(shown === undefined ? '\n' : `${line ?? ''}\n`);
      if (isInterrupted) throw new Interruption();
      return line;
    });
  } finally {
    lines.close();
  }
}
