/** A person's session with the vault: that of `vault login`, or one as long as the command takes. */
import { pathTo, type RequestPath } from '#protocol/request-path.ts';
import type { ConnectTo, Route } from '#provider/seneschal/vault-agent.ts';
import { Transport } from '#provider/seneschal/vault-transport.ts';
import { type FolderOptions, openWorkspace } from '../gitops/workspace.ts';
import { Failure } from '../terminal/failure.ts';
import { readPassword } from '../terminal/private-files.ts';
import { readText } from '../terminal/text-file.ts';
import { type KeptSession, keptSessionOf } from './session-file.ts';

export interface PersonOptions extends Omit<FolderOptions, 'output'> {
  /** Left out: the session of `vault login`. */
  readonly as?: string;
  readonly passwordFile?: string;
  /** Of the second factor, where there is one. */
  readonly signInCode?: string;
  readonly folder?: string;
  readonly url?: string;
  readonly vault?: string;
  readonly ca?: string;
  /** A tunnel to the vault. */
  readonly connectTo?: ConnectTo;
}

export interface Person {
  readonly vaultId: string;
  /** Where the vault was reached. */
  readonly url: string;
  /** PEM of the authority of its certificate; null: the system's. */
  readonly ca: string | null;
  readonly userName: string;
  /** A request below `/api/v1/vaults/{vaultId}`; the answer's JSON, null where there is none. */
  readonly ask: Ask;
  /** The same below `/api/v1`, about the person's own account. */
  readonly askAccount: Ask;
  /** What a GET below the vault answers, part by part. */
  readonly download: (path: RequestPath, write: (part: Buffer) => Promise<void>) => Promise<void>;
}

type Ask = (method: string, path: RequestPath, body?: unknown) => Promise<unknown>;

const TIMEOUT = 30_000;
const DOWNLOAD_TIMEOUT = 3_600_000;

/**
 * Signs in where no session is kept, does the work, and signs out again. What is about the `account` alone needs no
 * vault. Throws Failure.
 */
export async function asPerson(
  options: PersonOptions,
  work: (person: Person) => Promise<void>,
  about: 'vault' | 'account' = 'vault',
): Promise<void> {
  if (options.as === undefined) {
    const session = await keptSessionOf(Date.now());
    const { url, vaultId } = await addressOf(options, session, about);
    const ca = options.ca === undefined ? (session.ca ?? undefined) : await readText(options.ca, '--ca');
    const connection = new Connection({ url, ca, connectTo: options.connectTo });
    try {
      await work(connection.person(vaultId, session));
    } finally {
      connection.close();
    }
    return;
  }
  if (options.passwordFile === undefined) {
    throw new Failure(
      'Usage',
      '--as needs --password-file.',
      'Give it, or sign in once with `seneschal vault login`.',
    );
  }
  const { url, vaultId } = await addressOf(options, null, about);
  const password = await readPassword(options.passwordFile);
  const ca = options.ca === undefined ? undefined : await readText(options.ca, '--ca');
  const connection = new Connection({ url, ca, connectTo: options.connectTo });
  try {
    const code = options.signInCode;
    const session = await connection.signIn({
      email: options.as,
      password,
      ...(about === 'account' ? {} : { vaultId }),
      ...(code === undefined ? {} : { code }),
    });
    try {
      await work(connection.person(vaultId, session));
    } finally {
      await connection.signOut(session.token).catch(() => undefined);
    }
  } finally {
    connection.close();
  }
}

/** By the session of `vault login`, at the address that it was opened at. Throws Failure. */
export async function asKeptPerson(
  session: KeptSession,
  vaultId: string,
  work: (person: Person) => Promise<void>,
  connectTo?: ConnectTo,
): Promise<void> {
  const connection = new Connection({ url: session.url, ca: session.ca, connectTo });
  try {
    await work(connection.person(vaultId, session));
  } finally {
    connection.close();
  }
}

export interface SignedIn {
  readonly token: string;
  readonly userName: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly vaultId: string | null;
}

/** People's plane of one vault server. */
export class Connection {
  readonly #transport: Transport;
  readonly #route: Route;

  constructor(route: Route) {
    this.#route = route;
    this.#transport = new Transport(route);
  }

  /** Throws Failure. */
  async signIn(body: Readonly<Record<string, unknown>>): Promise<SignedIn> {
    return (await this.#send('POST', pathTo`/api/v1/sessions`, body, null)) as SignedIn;
  }

  async signOut(token: string): Promise<void> {
    await this.#send('DELETE', pathTo`/api/v1/sessions/current`, undefined, token);
  }

  person(vaultId: string, { token, userName }: Pick<SignedIn, 'token' | 'userName'>): Person {
    // What is about the account alone needs no vault.
    const below = (path: RequestPath): RequestPath => pathTo`/api/v1/vaults/${vaultId}${path}`;
    return {
      vaultId,
      url: this.#route.url,
      ca: this.#route.ca ?? null,
      userName,
      ask: (method, path, body) => this.#send(method, below(path), body, token),
      askAccount: (method, path, body) => this.#send(method, pathTo`/api/v1${path}`, body, token),
      download: async (path, write) => {
        const call = {
          method: 'GET',
          target: below(path),
          headers: () => ({ authorization: `Bearer ${token}` }),
          body: undefined,
          timeout: DOWNLOAD_TIMEOUT,
          signal: new AbortController().signal,
        };
        const answer = await this.#transport.download(call, write);
        if (answer.status >= 400) throw refusal(answer.status, answer.text);
      },
    };
  }

  close(): void {
    this.#transport.close();
  }

  async #send(method: string, target: RequestPath, body: unknown, token: string | null): Promise<unknown> {
    const answer = await this.#transport.exchange({
      method,
      target,
      headers: () => ({
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      }),
      body: body === undefined ? undefined : JSON.stringify(body),
      timeout: TIMEOUT,
      signal: new AbortController().signal,
    });
    if (answer.status >= 400) throw refusal(answer.status, answer.text);
    return answer.text === '' ? null : JSON.parse(answer.text);
  }
}

/**
 * Where a command goes: by the session, or by --url. A folder says which vault on that server, and never where a password
 * or a token is sent: whoever wrote it may be the one who is judged. Throws Failure.
 */
async function addressOf(
  options: PersonOptions,
  session: { readonly url: string; readonly vaultId: string | null } | null,
  about: 'vault' | 'account',
): Promise<{ url: string; vaultId: string }> {
  const declared =
    options.folder === undefined
      ? undefined
      : (await openWorkspace(options.folder, { ...options, output: 'text' })).organization.spec.vault
          .seneschal;
  const url = session?.url ?? options.url;
  if (session !== null && options.url !== undefined && !isSameOrigin(options.url, session.url)) {
    throw new Failure(
      'Usage',
      `You are signed in at ${session.url}, not at ${options.url}; nothing was sent.`,
      'Leave --url out, or sign in there with `seneschal vault login`.',
    );
  }
  if (url !== undefined && declared?.url !== undefined && !isSameOrigin(declared.url, url)) {
    throw new Failure(
      'InvalidConfiguration',
      `CredentialsForAnotherVault: the folder names ${declared.url}, not ${url}; nothing was sent.`,
      'Find out who wrote that into spec.vault.seneschal.url.',
    );
  }
  const vaultId = options.vault ?? declared?.vaultId ?? session?.vaultId ?? undefined;
  if (url !== undefined && about === 'account') return { url, vaultId: vaultId ?? '' };
  if (url === undefined || vaultId === undefined) {
    throw new Failure(
      'Usage',
      'The vault is not named.',
      session === null
        ? 'Give --url and --vault; a folder says where no password goes.'
        : 'Choose one for the session: `seneschal vault organization list`, then `organization use ID`; or give --vault.',
    );
  }
  return { url, vaultId };
}

export function isSameOrigin(one: string, other: string): boolean {
  return URL.canParse(one) && URL.canParse(other) && new URL(one).origin === new URL(other).origin;
}

/** What the vault refused, with its code; undefined where it gave none. */
export class Refused extends Failure {
  readonly code: string | undefined;

  constructor(what: string, next: string, code: string | undefined) {
    super('Error', what, next);
    this.code = code;
  }
}

/** The vault's own words: they are made for the person who asks (RFC 9457). */
function refusal(status: number, text: string): Refused {
  let problem: { code?: unknown; detail?: unknown; next?: unknown } | null = null;
  try {
    problem = JSON.parse(text);
  } catch {
    // Not the vault's words, so not shown.
  }
  const { code, detail, next } = problem ?? {};
  const what = typeof detail === 'string' ? detail : 'The vault refused it.';
  const ours = typeof code === 'string' && Object.hasOwn(NEXT, code) ? NEXT[code] : undefined;
  const theirs = typeof next === 'string' ? next : 'Check --as, --password-file and --vault.';
  return new Refused(
    `${what} (${status}${typeof code === 'string' ? ` ${code}` : ''})`,
    ours ?? theirs,
    typeof code === 'string' ? code : undefined,
  );
}

/** Where the vault's own `next` speaks of routes, the command. */
const NEXT: Readonly<Record<string, string>> = {
  SecondFactorNeeded: 'Give --sign-in-code: of your authenticator app, or a recovery code.',
  ProofNeeded: 'Run `seneschal vault account prove --password-file FILE`, then this again.',
  PasskeyProofNeeded:
    'A terminal takes no passkey: enrol an authenticator app too (seneschal vault second-factor enrol --out FILE), and sign in anew.',
  ApproverNeedsSecondFactor:
    'Enrol one: seneschal vault second-factor enrol --out FILE, then second-factor confirm; or add a passkey in a browser.',
  PersonalVault: 'Convert it to an organization: seneschal vault organization convert NAME.',
  SecondFactorEnrolled: 'Remove it first: seneschal vault second-factor remove.',
  NothingToConfirm: 'Enrol one first: seneschal vault second-factor enrol --out FILE.',
  NoSecondFactor: 'Enrol one first: seneschal vault second-factor enrol --out FILE.',
  NotSignedIn: 'Sign in again: seneschal vault login.',
};
