import { randomBytes } from 'node:crypto';
import { audienceOf } from '#protocol/audience.ts';
import type { ROUTES } from '#protocol/management.ts';
import { pathTo } from '#protocol/request-path.ts';
import { automationPayload, bodyHash, contentDigest, HEADERS, signPayload } from '#protocol/signing.ts';
import { ProviderError } from '../provider.ts';
import type { Credentials } from './automation-credentials.ts';
import { errorOf } from './problem.ts';
import type { ConnectTo } from './vault-agent.ts';
import { type Answer, Transport } from './vault-transport.ts';

export interface ConnectionOptions extends Credentials {
  /** A tunnel to the vault. */
  readonly connectTo?: ConnectTo | undefined;
  /** Called once a request: `GET /snapshot`, the status (0: no answer), milliseconds. */
  readonly onRequest?: ((route: string, status: number, duration: number) => void) | undefined;
  /** Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined;
}

interface Ask {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/api/v1/vaults/{vaultId}`; one of ROUTES. */
  readonly route: (typeof ROUTES)[keyof typeof ROUTES];
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  /** The body as JSON, where it was made already. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly signal: AbortSignal;
}

const TIMEOUT = 30_000;
const PROBE_TIMEOUT = 1_000;

/** Signed requests of one automation identity to one vault. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #transport: Transport;
  /** What everything is signed for that goes to this vault. */
  readonly audience: string;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { address, ca, connectTo } = options;
    this.audience = audienceOf(address.url);
    this.#transport = new Transport({ url: address.url, ca, connectTo });
  }

  now(): number {
    return this.#options.now?.() ?? Date.now();
  }

  /** The answer with a status below 400. Throws ProviderError. */
  async ask({
    method,
    route,
    query = {},
    body,
    text = body === undefined ? undefined : JSON.stringify(body),
    headers = {},
    timeout = TIMEOUT,
    signal,
  }: Ask): Promise<Answer> {
    const target = pathTo`/api/v1/vaults/${this.#options.address.vaultId}`.below(route).asking(query);
    const what = `${method} ${route}`;
    const startedAt = performance.now();
    let status = 0;
    try {
      const answer = await this.#transport.exchange({
        method,
        target,
        body: text,
        timeout,
        signal,
        headers: () => ({ ...headers, ...this.#signature(method, String(target), text) }),
      });
      status = answer.status;
      if (status >= 400) throw errorOf(answer, what, this.now());
      return answer;
    } finally {
      this.#options.onRequest?.(what, status, performance.now() - startedAt);
    }
  }

  /** The JSON of the answer. */
  async json<T>(ask: Ask): Promise<T> {
    const { text } = await this.ask(ask);
    return parsed<T>(text, `${ask.method} ${ask.route}`);
  }

  /** Whether something answers there within a second. Not signed: it says nothing of whose it is. */
  answers(signal: AbortSignal): Promise<boolean> {
    const target = pathTo`/api/v1/vaults`;
    return this.#transport.answers({
      ...{ method: 'GET', target, headers: () => ({}), body: undefined },
      timeout: PROBE_TIMEOUT,
      signal,
    });
  }

  /** Ends what is under way; what is asked later connects anew. */
  close(): void {
    this.#transport.close();
  }

  /** Made for each attempt: a nonce is taken once. */
  #signature(method: string, target: string, body: string | undefined): Record<string, string> {
    const request = {
      method,
      target,
      timestamp: String(Math.floor(this.now() / 1000)),
      nonce: randomBytes(16).toString('base64'),
      bodyHash: bodyHash(body),
    };
    return {
      [HEADERS.automation]: this.#options.automationId,
      [HEADERS.audience]: this.audience,
      [HEADERS.timestamp]: request.timestamp,
      [HEADERS.nonce]: request.nonce,
      [HEADERS.signature]: signPayload(
        this.#options.privateKey,
        automationPayload(this.audience, request, {}),
      ),
      ...(body === undefined ? {} : { 'content-digest': contentDigest(request.bodyHash) }),
    };
  }
}

/** The JSON of a text; what is none is a fault of the server, shown without the text. */
export function parsed<T>(text: string, what: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ProviderError({
      class: 'Transient',
      code: 'VaultError',
      publicMessage: `The vault answered ${what} with something that is no JSON.`,
    });
  }
}
