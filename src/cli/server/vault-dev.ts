/** `seneschal vault dev`: a vault that is ready for use within a second, and gone without a trace. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { EMAIL_RULE, isEmail } from '#model/names.ts';
import { ABILITIES } from '#protocol/management.ts';
import { keepHeapSmall } from '#runtime/heap.ts';
import { createLogger } from '#runtime/logger.ts';
import { terminationSignal } from '#runtime/termination.ts';
import type { VaultContext } from '#vault/act/context.ts';
import { DEFAULT_OUTGOING } from '#vault/act/outgoing-settings.ts';
import { startVaultServer } from '#vault/app/server.ts';
import { RootKey } from '#vault/crypto/root-key.ts';
import { createAccount } from '#vault/sessions/accounts.ts';
import { Failure } from '../terminal/failure.ts';
import { print, tell } from '../terminal/print.ts';
import { readPassword, writePrivate } from '../terminal/private-files.ts';
import { found, userNameOf } from './vault-founding.ts';

export interface DevOptions {
  readonly port: number;
  readonly dir?: string;
  readonly vaultId?: string;
  readonly organization: string;
  readonly owner: string;
  readonly person?: readonly string[];
  readonly output: 'text' | 'json';
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

interface PersonFile {
  readonly email: string;
  readonly passwordFile: string;
}

/** What is printed, but for the address; kept beside the data, so that a second run goes on with it. */
interface Described {
  readonly vaultId: string;
  readonly organization: string;
  readonly credentialsDir: string;
  readonly owner: PersonFile;
  readonly people: readonly PersonFile[];
}

const PEOPLE = ['alice@acme.example', 'bob@acme.example'];

/** Runs until SIGTERM or SIGINT. */
export async function vaultDev(options: DevOptions): Promise<void> {
  // The database makes its own files: readable by the user alone.
  process.umask(0o077);
  keepHeapSmall();
  const stop = terminationSignal();
  const folder =
    options.dir === undefined ? await mkdtemp(join(tmpdir(), 'seneschal-vault-')) : resolve(options.dir);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const log = await createLogger({
      level: options.logLevel,
      destination: { write: (line) => void process.stderr.write(line) },
    });
    const server = await startVaultServer({
      database: join(folder, 'vault.db'),
      rootKey: await rootKeyIn(folder),
      host: '127.0.0.1',
      port: options.port,
      takesLoopback: true,
      outgoing: {
        ...DEFAULT_OUTGOING,
        mail: 'outbox',
        outboxReaders: [options.owner],
        signUp: 'open',
      },
      log,
    });
    try {
      tell('The automation identity of this server has every ability and no bounds: it is for trying out.');
      // SDKs insist on the name for a plain connection.
      const url = `http://localhost:${server.port}`;
      const description = await describedIn(folder, server.context, url, options);
      const told = { url, ...description };
      print(options.output === 'json' ? JSON.stringify(told) : devText(told));
      await aborted(stop);
    } finally {
      await server.stop();
    }
  } finally {
    if (options.dir === undefined) await rm(folder, { recursive: true, force: true });
  }
}

/** For whoever wants to try it out: where it is, who is who, and what to type next. */
function devText({
  url,
  organization,
  vaultId,
  credentialsDir,
  owner,
  people,
}: Described & { url: string }): string {
  const who = [owner, ...people];
  const widest = Math.max(...who.map(({ email }) => email.length));
  return [
    `${organization} is at ${url} (${vaultId}). Ctrl-C ends it.`,
    '',
    'Who is who, each with the file that holds the password:',
    ...who.map(({ email, passwordFile }) => {
      const is = email === owner.email ? 'owner' : 'can be invited';
      return `  ${email.padEnd(widest)}  ${quotedPath(passwordFile)}  (${is})`;
    }),
    '',
    'In another terminal:',
    `  seneschal login --url ${url} --as ${owner.email} --password-file ${quotedPath(owner.passwordFile)}`,
    '  seneschal vault member list',
    `  export SENESCHAL_CREDENTIALS=${quotedPath(credentialsDir)}    # for seneschal plan and apply`,
  ].join('\n');
}

/** As a shell takes it. */
function quotedPath(path: string): string {
  return /^[\w./@-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

async function describedIn(
  folder: string,
  context: VaultContext,
  url: string,
  options: DevOptions,
): Promise<Described> {
  const file = join(folder, 'dev.json');
  if (existsSync(file)) {
    const kept = JSON.parse(await readFile(file, 'utf8')) as Described;
    // The port may be another than last time.
    await writePrivate(join(kept.credentialsDir, 'url'), url);
    return kept;
  }

  const accountFile = async (email: string): Promise<PersonFile & { readonly password: string }> => {
    // It is the name of a file.
    if (!isEmail(email)) throw new Failure('Usage', `${email} ${EMAIL_RULE}.`, 'Give another address.');
    const password = randomBytes(24).toString('base64url');
    const passwordFile = join(folder, 'passwords', email);
    await writePrivate(passwordFile, `${password}\n`);
    return { email, passwordFile, password };
  };
  const owner = await accountFile(options.owner);
  const people = await Promise.all((options.person ?? PEOPLE).map(accountFile));
  const credentialsDir = join(folder, 'credentials');
  const [{ vaultId }] = await Promise.all([
    found(context, {
      ...options,
      owner,
      plan: 'Team',
      credentialsDir,
      url,
      ca: null,
      automation: { abilities: ABILITIES },
    }),
    ...people.map(({ email, password }) =>
      createAccount(context, { email, userName: userNameOf(email), password }),
    ),
  ]);
  const shown = ({ email, passwordFile }: PersonFile): PersonFile => ({ email, passwordFile });
  const description: Described = {
    vaultId,
    organization: options.organization,
    credentialsDir,
    owner: shown(owner),
    people: people.map(shown),
  };
  await writePrivate(file, JSON.stringify(description));
  return description;
}

async function rootKeyIn(folder: string): Promise<RootKey> {
  const file = join(folder, 'root.key');
  if (!existsSync(file)) await writePrivate(file, randomBytes(32).toString('base64'));
  return RootKey.parse(await readPassword(file));
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  else signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}
