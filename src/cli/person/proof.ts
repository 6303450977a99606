/** Passwords and codes that are typed, unseen: to sign in, and to prove anew who one is. */
import { pathTo } from '#protocol/request-path.ts';
import { Failure } from '../terminal/failure.ts';
import {
  type AskLine,
  isTerminal,
  TERMINAL,
  type Terminal,
  withTypedLines,
} from '../terminal/typed-lines.ts';
import { type Person, Refused } from './person-connection.ts';

/** Throws Failure `Usage` where nothing is typed, and Interruption. */
async function typedSecret(ask: AskLine, question: string): Promise<string> {
  const line = await ask(question);
  if (line === null || line === '') throw new Failure('Usage', 'Nothing was typed.', 'Run again.');
  return line;
}

/** Throws Failure `Usage` where there is no terminal: `next` says what to give instead. */
export async function passwordTyped(
  who: string,
  next: string,
  terminal: Terminal = TERMINAL,
): Promise<string> {
  return secretTyped(`Password of ${who}: `, next, terminal);
}

/** The same of another secret. Throws Failure `Usage`. */
export async function secretTyped(
  question: string,
  next: string,
  terminal: Terminal = TERMINAL,
): Promise<string> {
  if (!isTerminal(terminal)) {
    const what = question.replace(/: $/, '');
    throw new Failure('Usage', `${what} is missing, and there is no terminal to ask for it at.`, next);
  }
  return withTypedLines(terminal, (ask) => typedSecret(ask, question));
}

/**
 * What `act` answers, once more with a code where the account has a second factor and none was given. `typed` asks for one;
 * null: there is nobody to ask, and the refusal stands. Throws Failure.
 */
export async function withCode<T>(
  act: (code: string | undefined) => Promise<T>,
  given: string | undefined,
  typed: ((question: string) => Promise<string>) | null = atTerminal(),
): Promise<T> {
  try {
    return await act(given);
  } catch (error) {
    const isAsked = error instanceof Refused && error.code === 'SecondFactorNeeded' && given === undefined;
    if (!isAsked || typed === null) throw error;
    return act(await typed('Code of the authenticator app, or a recovery code: '));
  }
}

/** Asks at the terminal of this process; null: it has none. */
function atTerminal(): ((question: string) => Promise<string>) | null {
  if (!isTerminal(TERMINAL)) return null;
  return (question) => withTypedLines(TERMINAL, (ask) => typedSecret(ask, question));
}

/** By the password, and the second factor where there is one. Throws Failure. */
export async function prove({ userName, askAccount }: Person, ask: AskLine): Promise<void> {
  const password = await typedSecret(ask, `Password of ${userName}: `);
  await withCode(
    (code) => {
      const proof = { password, ...(code === undefined ? {} : { code }) };
      return askAccount('POST', pathTo`/sessions/current/proof`, proof);
    },
    undefined,
    (question) => typedSecret(ask, question),
  );
}

/**
 * Somebody who is asked for the password where the vault wants a recent proof, and whose request is then sent again.
 * Where there is no terminal, they are as they were.
 */
export function provingAtTerminal(person: Person, terminal: Terminal = TERMINAL): Person {
  if (!isTerminal(terminal)) return person;
  const again =
    (asked: Person['ask']): Person['ask'] =>
    async (method, path, body) => {
      try {
        return await asked(method, path, body);
      } catch (error) {
        if (!(error instanceof Refused) || error.code !== 'ProofNeeded') throw error;
        await withTypedLines(terminal, (ask) => prove(person, ask));
        return asked(method, path, body);
      }
    };
  return { ...person, ask: again(person.ask), askAccount: again(person.askAccount) };
}
