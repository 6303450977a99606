/** The session of `seneschal vault login`, kept for the commands after it in a file that the user alone may read. */
import { readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { Failure } from '../terminal/failure.ts';
import { writePrivate } from '../terminal/private-files.ts';

const keptSession = z.strictObject({
  url: z.string(),
  /** Null: signed in to no vault yet. */
  vaultId: z.string().nullable(),
  userName: z.string(),
  token: z.string(),
  /** Milliseconds since the epoch. */
  expiresAt: z.int(),
  /** PEM of the authority that signed the certificate of the vault. */
  ca: z.string().nullable(),
});
export type KeptSession = z.infer<typeof keptSession>;

/** `SENESCHAL_SESSION`, or a file in the user's state folder (XDG Base Directory Specification). */
function sessionFile(): string {
  const { SENESCHAL_SESSION, XDG_STATE_HOME } = process.env;
  return (
    SENESCHAL_SESSION ??
    join(XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'seneschal', 'session.json')
  );
}

export async function keepSession(session: KeptSession): Promise<string> {
  const file = sessionFile();
  await writePrivate(file, `${JSON.stringify(session)}\n`);
  return file;
}

export async function forgetSession(): Promise<void> {
  await rm(sessionFile(), { force: true });
}

/** Throws Failure `Usage` where there is none, or it is over. */
export async function keptSessionOf(now: number): Promise<KeptSession> {
  const file = sessionFile();
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new Failure('Usage', 'You are not signed in.', SIGN_IN);
    throw new Failure('Usage', `${file} cannot be read (${error.code ?? 'unknown error'}).`, SIGN_IN);
  });
  const session = parsed(text);
  if (session === null) throw new Failure('Usage', `${file} is no session of this program.`, SIGN_IN);
  if (session.expiresAt <= now) throw new Failure('Usage', 'Your session is over.', SIGN_IN);
  return session;
}

const SIGN_IN =
  'Sign in with `seneschal vault login --url URL --as E-MAIL --password-file FILE`, or give --as, --password-file, --url and --vault.';

function parsed(text: string): KeptSession | null {
  try {
    return keptSession.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
