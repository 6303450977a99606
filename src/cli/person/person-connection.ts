/** People's plane of a vault server, as a person uses it: sessions, requests, and what the vault refuses in its own words. */
import { pathTo, type RequestPath } from '#protocol/request-path.ts';
import type { Route } from '#provider/seneschal/vault-agent.ts';
import { Transport } from '#provider/seneschal/vault-transport.ts';
import { Failure } from '../terminal/failure.ts';

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

  /** `token` null: nobody. */
  person(
    vaultId: string,
    { token, userName }: { readonly token: string | null; readonly userName: string },
  ): Person {
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

/** What the vault refused, with its code; undefined where it gave none. */
export class Refused extends Failure {
  readonly code: string | undefined;
  /** Of HTTP. */
  readonly status: number;

  constructor(what: string, next: string, code: string | undefined, status: number) {
    super('Error', what, next);
    this.code = code;
    this.status = status;
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
    status,
  );
}

/** Where the vault's own `next` speaks of routes, the command. */
const NEXT: Readonly<Record<string, string>> = {
  SecondFactorNeeded: 'Give --sign-in-code: of your authenticator app, or a recovery code.',
  ProofNeeded:
    'Run `seneschal vault account prove`, then this again; at a terminal the password is asked for.',
  PasskeyProofNeeded:
    'A terminal takes no passkey: enrol an authenticator app too, and sign in anew: seneschal vault second-factor enrol --out FILE',
  ApproverNeedsSecondFactor:
    'Add a passkey in a browser; or enrol an authenticator app, and confirm it as is said then: seneschal vault second-factor enrol --out FILE',
  PersonalVault: 'Convert it to an organization: seneschal vault organization convert NAME',
  SecondFactorEnrolled: 'Remove it first: seneschal vault second-factor remove',
  NothingToConfirm: 'Enrol one first: seneschal vault second-factor enrol --out FILE',
  NoSecondFactor: 'Enrol one first: seneschal vault second-factor enrol --out FILE',
  NotSignedIn: 'Sign in again: seneschal login',
};
