/** A person's session with the vault: that of `login`, or one as long as the command takes. */
import type { ConnectTo } from '#provider/seneschal/vault-agent.ts';
import { authoritiesOf } from '../terminal/authorities.ts';
import { readPassword } from '../terminal/private-files.ts';
import { addressOf } from './address.ts';
import { type KeptSession, keptSessionOf } from './contexts.ts';
import { vaultChosenFor } from './only-vault.ts';
import { Connection, type Person } from './person-connection.ts';
import type { PersonOptions } from './person-options.ts';
import { passwordTyped, provingAtTerminal, withCode } from './proof.ts';

export type { Person } from './person-connection.ts';
export type { PersonOptions } from './person-options.ts';

/**
 * Signs in where no session is kept, does the work, and signs out again. What is about the `account` alone needs no
 * vault. Throws Failure.
 */
export async function asPerson(
  options: PersonOptions,
  work: (person: Person) => Promise<void>,
  about: 'vault' | 'account' | 'nobody' = 'vault',
): Promise<void> {
  if (about === 'nobody') return asNobody(options, work);
  if (options.as === undefined) await bySession(options, work, about);
  else await byPassword({ ...options, as: options.as }, work, about);
}

/** Where the user says, or as the context has it, and without a session: for who has none yet, or cannot have one. */
async function asNobody(options: PersonOptions, work: (person: Person) => Promise<void>): Promise<void> {
  const { url, known } = await addressOf(options, null);
  const ca = await authoritiesOf(options.ca, known?.ca);
  const connection = new Connection({ url, ca, connectTo: options.connectTo });
  try {
    await work(connection.person('', { token: null, userName: 'nobody' }));
  } finally {
    connection.close();
  }
}

async function bySession(
  options: PersonOptions,
  work: (person: Person) => Promise<void>,
  about: 'vault' | 'account',
): Promise<void> {
  const session = await keptSessionOf(Date.now(), options.context);
  const { url, vaultId } = await addressOf(options, session);
  const ca = await authoritiesOf(options.ca, session.ca);
  const connection = new Connection({ url, ca, connectTo: options.connectTo });
  try {
    const person = (id: string): Person => provingAtTerminal(connection.person(id, session));
    if (about === 'account') await work(person(vaultId ?? ''));
    else await work(person(vaultId ?? (await vaultChosenFor(person(''), session.context))));
  } finally {
    connection.close();
  }
}

async function byPassword(
  options: PersonOptions & { readonly as: string },
  work: (person: Person) => Promise<void>,
  about: 'vault' | 'account',
): Promise<void> {
  const { url, vaultId, known } = await addressOf(options, null);
  const next = 'Give --password-file, - for standard input; or sign in once with `seneschal login`.';
  const email = options.as;
  const password =
    options.passwordFile === undefined
      ? await passwordTyped(`${email} at ${url}`, next)
      : await readPassword(options.passwordFile);
  const ca = await authoritiesOf(options.ca, known?.ca);
  const connection = new Connection({ url, ca, connectTo: options.connectTo });
  try {
    const session = await withCode(
      (code) =>
        connection.signIn({
          email,
          password,
          ...(about === 'account' || vaultId === undefined ? {} : { vaultId }),
          ...(code === undefined ? {} : { code }),
        }),
      options.signInCode,
    );
    try {
      if (about === 'account') await work(connection.person(vaultId ?? '', session));
      else {
        const id = vaultId ?? (await vaultChosenFor(connection.person('', session), null));
        await work(connection.person(id, session));
      }
    } finally {
      await connection.signOut(session.token).catch(() => undefined);
    }
  } finally {
    connection.close();
  }
}

/** By the session of `login`, at the address that it was opened at. Throws Failure. */
export async function asKeptPerson(
  session: KeptSession,
  vaultId: string,
  work: (person: Person) => Promise<void>,
  connectTo?: ConnectTo,
): Promise<void> {
  const ca = await authoritiesOf(undefined, session.ca);
  const connection = new Connection({ url: session.url, ca, connectTo });
  try {
    await work(connection.person(vaultId, session));
  } finally {
    connection.close();
  }
}
