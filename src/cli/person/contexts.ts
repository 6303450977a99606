/**
 * Contexts: where a vault is, which one there, who is signed in, each under a name. They stand in a file that the user
 * alone may read. `login` makes them, of what its user typed; no folder and no answer of a vault ever does.
 */
import { readFile, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { Failure } from '../terminal/failure.ts';
import { writePrivate } from '../terminal/private-files.ts';

const context = z.strictObject({
  url: z.string(),
  /** Null: no vault was chosen yet. */
  vaultId: z.string().nullable(),
  email: z.string(),
  userName: z.string(),
  /** PEM of the authority that signed the certificate of the vault. */
  ca: z.string().nullable(),
  /** Null after `logout`. `expiresAt`: milliseconds since the epoch. */
  session: z.strictObject({ token: z.string(), expiresAt: z.int() }).nullable(),
});
export type Context = z.infer<typeof context>;

const contexts = z.strictObject({
  /** Name of the one that commands go by; null: none. */
  current: z.string().nullable(),
  contexts: z.record(z.string(), context),
});
export type Contexts = z.infer<typeof contexts>;

/** A context with a session that is not over. `expiresAt`: milliseconds since the epoch. */
export interface KeptSession extends Omit<Context, 'session'> {
  readonly context: string;
  readonly token: string;
  readonly expiresAt: number;
}

const NONE: Contexts = { current: null, contexts: {} };

/** What a context may be called; `.` and `-` within, so that a host is one. */
export const CONTEXT_NAME = /^[A-Za-z0-9][A-Za-z0-9.@:_-]{0,99}$/;

/** `SENESCHAL_SESSION`, or a file in the user's state folder (XDG Base Directory Specification). */
function contextsFile(): string {
  const { SENESCHAL_SESSION, XDG_STATE_HOME } = process.env;
  return (
    SENESCHAL_SESSION ??
    join(XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'seneschal', 'contexts.json')
  );
}

/** None where there is no file. Throws Failure `Usage` where it cannot be read, or is no such file. */
export async function readContexts(): Promise<Contexts> {
  const file = contextsFile();
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new Failure('Usage', `${file} cannot be read (${error.code ?? 'unknown error'}).`, SIGN_IN);
  });
  if (text === null) return NONE;
  const read = parsed(text);
  if (read === null) throw new Failure('Usage', `${file} has no contexts of this program.`, SIGN_IN);
  return read;
}

/** The same, and none where the file is none of ours: who signs in replaces it. */
export function readContextsToReplace(): Promise<Contexts> {
  return readContexts().catch(() => NONE);
}

/** Whole or not at all: a command in another terminal reads it meanwhile. Answers the file. */
export async function writeContexts(all: Contexts): Promise<string> {
  const file = contextsFile();
  const part = `${file}.${process.pid}.part`;
  await writePrivate(part, `${JSON.stringify(all)}\n`);
  await rename(part, file);
  return file;
}

/** With this context, made or replaced, as the current one. */
export function withContext({ contexts: all }: Contexts, name: string, one: Context): Contexts {
  return { current: name, contexts: { ...all, [name]: one } };
}

/** The context of that name, or the current one; null where none is named and none is current. Throws Failure `Usage`. */
export function chosenContext(
  { current, contexts: all }: Contexts,
  name: string | undefined,
): { readonly name: string; readonly context: Context } | null {
  const chosen = name ?? current;
  if (chosen === null) return null;
  const found = Object.hasOwn(all, chosen) ? all[chosen] : undefined;
  if (found !== undefined) return { name: chosen, context: found };
  const known = Object.keys(all);
  throw new Failure(
    'Usage',
    `There is no context ${chosen}${known.length === 0 ? '' : `; there are ${known.join(', ')}`}.`,
    known.length === 0 ? SIGN_IN : 'Choose one: seneschal context list.',
  );
}

/** Of the context of that name, or of the current one. Throws Failure `Usage` where nobody is signed in there. */
export async function keptSessionOf(now: number, name: string | undefined): Promise<KeptSession> {
  const chosen = chosenContext(await readContexts(), name);
  if (chosen === null) throw new Failure('Usage', 'You are not signed in.', SIGN_IN);
  const { session, ...rest } = chosen.context;
  const again = `Sign in again: seneschal login --context ${chosen.name}`;
  if (session === null) throw new Failure('Usage', `You are signed out of ${chosen.name}.`, again);
  if (session.expiresAt <= now) throw new Failure('Usage', 'Your session is over.', again);
  return { ...rest, ...session, context: chosen.name };
}

const SIGN_IN = 'Sign in: `seneschal login`; or give --as with --url and --vault for one command.';

function parsed(text: string): Contexts | null {
  try {
    return contexts.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
