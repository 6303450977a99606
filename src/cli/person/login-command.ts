/** `seneschal login` and `logout`. */

import type { ConnectTo } from '#provider/seneschal/vault-agent.ts';
import { moment, type Output, printAnswer } from '../terminal/answer.ts';
import { authoritiesOf } from '../terminal/authorities.ts';
import { Failure } from '../terminal/failure.ts';
import { readPassword } from '../terminal/private-files.ts';
import { isTerminal, TERMINAL, withTypedLines } from '../terminal/typed-lines.ts';
import { checkUrl, isSameOrigin } from './address.ts';
import {
  CONTEXT_NAME,
  type Context,
  type Contexts,
  chosenContext,
  readContexts,
  readContextsToReplace,
  withContext,
  writeContexts,
} from './contexts.ts';
import { onlyVaultOf } from './only-vault.ts';
import { Connection } from './person-connection.ts';
import { passwordTyped, withCode } from './proof.ts';

interface LoginOptions {
  readonly url?: string;
  readonly as?: string;
  readonly passwordFile?: string;
  readonly signInCode?: string;
  readonly vault?: string;
  readonly ca?: string;
  readonly context?: string;
  readonly connectTo?: ConnectTo;
  readonly output: Output;
}

/**
 * What is left out is as the context has it: its user typed that once. What nobody knows is asked for, at a terminal.
 * Throws Failure.
 */
export async function login(options: LoginOptions): Promise<void> {
  const { context: name, passwordFile, connectTo } = options;
  if (name !== undefined && !CONTEXT_NAME.test(name)) {
    throw new Failure(
      'Usage',
      `${name} is no name of a context.`,
      'Use letters, digits and . - _ @ : alone.',
    );
  }
  const known = knownFor(await readContextsToReplace(), options);
  const url = options.url ?? known?.url ?? (await typed("The vault's address, https://...: ", URL_MISSING));
  checkUrl(url);
  const email =
    options.as ?? known?.email ?? (await typed('Your e-mail address: ', EMAIL_MISSING)).toLowerCase();
  const next = 'Give --password-file; - reads standard input.';
  const password =
    passwordFile === undefined
      ? await passwordTyped(`${email} at ${url}`, next)
      : await readPassword(passwordFile);
  const ca = await authoritiesOf(options.ca, known?.ca);
  const connection = new Connection({ url, ca, connectTo });
  try {
    const wanted = options.vault ?? known?.vaultId ?? undefined;
    const opened = await withCode(
      (code) =>
        connection.signIn({
          email,
          password,
          ...(code === undefined ? {} : { code }),
          ...(wanted === undefined ? {} : { vaultId: wanted }),
        }),
      options.signInCode,
    );
    const { token, userName, expiresAt } = opened;
    const { vaultId, as, file } = await keptOrEnded(connection, token, async () => {
      const vaultId = wanted ?? (await onlyVaultOf(connection.person('', opened)));
      // Of SSL_CERT_FILE nothing is kept: it is heeded anew each time.
      const kept = options.ca === undefined ? (known?.ca ?? null) : (ca ?? null);
      const context: Context = { url, vaultId, email, userName, ca: kept, session: { token, expiresAt } };
      // Anew: what was asked for may have taken minutes, and another terminal has signed in meanwhile.
      const all = await readContextsToReplace();
      const as = name ?? nameOf(all, context);
      return { vaultId, as, file: await writeContexts(withContext(all, as, context)) };
    });
    const told = { context: as, url, vaultId, email, userName, expiresAt: moment(expiresAt) };
    printAnswer(options.output, told, loginText(told, file));
  } finally {
    connection.close();
  }
}

/** What `keep` answers; where it fails the session is ended, since nobody would have its token. Throws what `keep` throws. */
async function keptOrEnded<T>(connection: Connection, token: string, keep: () => Promise<T>): Promise<T> {
  try {
    return await keep();
  } catch (error) {
    // Where that fails too, the first failure is what to tell.
    await connection.signOut(token).catch(() => undefined);
    throw error;
  }
}

/** The context that says what the user did not; null: there is none, or they name another address than it has. */
function knownFor(all: Contexts, { url, as, context }: LoginOptions): Context | null {
  const name = context ?? all.current;
  const known = name !== null && Object.hasOwn(all.contexts, name) ? (all.contexts[name] ?? null) : null;
  if (known === null || (url !== undefined && !isSameOrigin(url, known.url))) return null;
  // Somebody else has other vaults.
  return as === undefined || as.toLowerCase() === known.email ? known : { ...known, vaultId: null };
}

/** `alice@vault.acme.example`: who, and where. */
function nameOf(all: Contexts, { userName, url, email }: Context): string {
  const same = Object.entries(all.contexts).find(
    ([, known]) => known.email === email && isSameOrigin(known.url, url),
  );
  return (
    same?.[0] ?? `${userName.replace(/[^A-Za-z0-9._-]/g, '-')}@${new URL(url).host.replace(/[[\]]/g, '')}`
  );
}

function loginText(
  told: {
    readonly userName: string;
    readonly vaultId: string | null;
    readonly expiresAt: string;
    readonly context: string;
  },
  file: string,
): string {
  const { userName, vaultId, expiresAt, context } = told;
  return [
    `${userName} is signed in until ${expiresAt}, in the context ${context}; the session is in ${file}.`,
    vaultId === null
      ? 'No vault is chosen yet: seneschal vault organization list'
      : `The vault is ${vaultId}.`,
  ].join('\n');
}

const URL_MISSING = ['The vault is not named.', 'Give --url, or set SENESCHAL_URL.'] as const;
const EMAIL_MISSING = ['It is not said who signs in.', 'Give --as with your address.'] as const;

/** What is no secret, asked for at a terminal; else what is missing is said. Throws Failure `Usage`. */
async function typed(question: string, [what, next]: readonly [string, string]): Promise<string> {
  if (!isTerminal(TERMINAL)) throw new Failure('Usage', what, next);
  const line = await withTypedLines(TERMINAL, (ask) => ask(question, 'shown'));
  const text = line?.trim() ?? '';
  if (text === '') throw new Failure('Usage', 'Nothing was typed.', 'Run again.');
  return text;
}

/** Ends the session of a context, which stays. Throws Failure where there is none. */
export async function logout({
  context: name,
  connectTo,
  output,
}: Pick<LoginOptions, 'context' | 'connectTo' | 'output'>): Promise<void> {
  const chosen = chosenContext(await readContexts(), name);
  if (chosen === null || chosen.context.session === null) {
    throw new Failure('Usage', 'You are not signed in.', 'See who is: seneschal context list');
  }
  const { url, ca, session, userName } = chosen.context;
  const connection = new Connection({ url, ca: await authoritiesOf(undefined, ca), connectTo });
  try {
    await connection.signOut(session.token);
  } finally {
    connection.close();
    // Also where the vault does not answer: who asks to sign out wants the token gone from this machine.
    await forgetSession(chosen.name, session.token);
  }
  const told = { done: true, context: chosen.name, userName };
  printAnswer(output, told, `${userName} is signed out of ${chosen.name}.`);
}

/** As the file is by now: another terminal may have signed in meanwhile, in this context too. */
async function forgetSession(name: string, token: string): Promise<void> {
  const all = await readContexts();
  const known = Object.hasOwn(all.contexts, name) ? all.contexts[name] : undefined;
  if (known?.session?.token !== token) return;
  await writeContexts({ ...all, contexts: { ...all.contexts, [name]: { ...known, session: null } } });
}
