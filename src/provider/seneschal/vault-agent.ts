/** The connections to a vault: where they go, and whose certificate they take. */
import * as http from 'node:http';
import * as https from 'node:https';
import type { Duplex } from 'node:stream';
import { checkServerIdentity } from 'node:tls';
import { isLoopbackHost } from '#protocol/audience.ts';
import { ProviderError } from '../provider.ts';

/** Where a TCP connection goes instead of to the host of the URL. */
export interface ConnectTo {
  readonly host: string;
  readonly port: number;
}

export interface Route {
  /** `https://host[:port]`, or `http://localhost[:port]`; without a path. */
  readonly url: string;
  /** PEM of the authorities to trust instead of the system's, one after the other; null: the system's. */
  readonly ca?: string | null | undefined;
  /** A tunnel: only the connection goes there; certificate, signatures and headers are for the host of the URL. */
  readonly connectTo?: ConnectTo | undefined;
}

const KEPT = { keepAlive: true, maxSockets: 16, scheduling: 'lifo' } as const;

/** Throws ProviderError `InsecureUrl` for a URL, or a way to it, on which others read what is sent. */
export function agentOf({ url, ca, connectTo }: Route): http.Agent {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:') {
    const host = hostname.replace(/^\[|\]$/g, '');
    return new VaultAgent(connectTo, {
      ...KEPT,
      ...(ca == null ? {} : { ca }),
      // Said here, because a host that is an address is not in what TLS asks for by name.
      checkServerIdentity: (_connected, certificate) => checkServerIdentity(host, certificate),
    });
  }
  if (protocol !== 'http:' || !isLoopbackHost(hostname))
    throw insecure(`${url}: a vault is reached by https://, or by http://localhost.`);
  if (connectTo === undefined) return new http.Agent(KEPT);
  if (!isLoopbackHost(connectTo.host))
    throw insecure(
      `${url} is not encrypted, so that it is reached on this machine alone, not by --connect-to.`,
    );
  return new PlainVaultAgent(connectTo, KEPT);
}

class VaultAgent extends https.Agent {
  readonly #to: ConnectTo | undefined;

  constructor(to: ConnectTo | undefined, options: https.AgentOptions) {
    super(options);
    this.#to = to;
  }

  override createConnection(options: https.RequestOptions, callback?: OnConnected) {
    return super.createConnection({ ...options, ...this.#to }, callback);
  }
}

class PlainVaultAgent extends http.Agent {
  readonly #to: ConnectTo;

  constructor(to: ConnectTo, options: http.AgentOptions) {
    super(options);
    this.#to = to;
  }

  override createConnection(options: http.ClientRequestArgs, callback?: OnConnected) {
    return super.createConnection({ ...options, ...this.#to }, callback);
  }
}

type OnConnected = (error: Error | null, stream: Duplex) => void;

function insecure(publicMessage: string): ProviderError {
  return new ProviderError({ class: 'Refused', code: 'InsecureUrl', publicMessage });
}
