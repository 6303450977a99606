/** One exchange with the API server. The client speaks to this and to nothing else of the network. */

export interface TransportRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Until the response's headers; 0 waits for ever. The body has a watchdog of its own. */
  readonly timeoutMs: number;
}

export interface TransportResponse {
  readonly status: number;
  header(name: string): string | undefined;
  /** Leaving the loop early destroys the connection. Throws when the peer resets it. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Drops the connection and ends the body. */
  destroy(): void;
}

/** Failures that happen before there is an answer. `kind` decides the error's reason. */
export class TransportError extends Error {
  readonly kind: 'Aborted' | 'RequestTimeout' | 'NetworkError';

  constructor(kind: 'Aborted' | 'RequestTimeout' | 'NetworkError', cause?: unknown) {
    super(kind, cause === undefined ? undefined : { cause });
    this.name = 'TransportError';
    this.kind = kind;
  }
}

export interface Transport {
  /** @throws TransportError */
  send(request: TransportRequest): Promise<TransportResponse>;
  /** Closes idle and busy connections. */
  close(): Promise<void>;
}

/** TLS material of a server; read again by the transport when `version` changes. */
export interface TlsMaterial {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly serverName?: string | undefined;
  readonly insecureSkipVerify?: boolean | undefined;
}
