/** One exchange with the API server. The client speaks to this and to nothing else of the network. */

export interface TransportRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Until the answer was read to its end; of a streaming call until its headers. 0 waits for ever. */
  readonly timeoutMs: number;
  readonly streaming?: boolean | undefined;
}

/** The body is read by `text` or by `chunks`, once; both throw TransportError when the peer goes away. */
export interface TransportResponse {
  readonly status: number;
  /** By its name in lower case. */
  header(name: string): string | undefined;
  text(): Promise<string>;
  /** Leaving the loop early drops the connection. */
  chunks(): AsyncIterable<Uint8Array>;
  /** Drops the connection and ends the body. */
  destroy(): void;
}

/** Failures without an answer, or in the middle of it. `kind` becomes the error's reason. */
export class TransportError extends Error {
  readonly kind: 'Aborted' | 'RequestTimeout' | 'NetworkError';
  /** True when a kept connection turned out to be closed before anything was answered. */
  readonly staleConnection: boolean;

  constructor(kind: 'Aborted' | 'RequestTimeout' | 'NetworkError', cause?: unknown, staleConnection = false) {
    super(kind, cause === undefined ? undefined : { cause });
    this.name = 'TransportError';
    this.kind = kind;
    this.staleConnection = staleConnection;
  }
}

export interface Transport {
  /** @throws TransportError */
  send(request: TransportRequest): Promise<TransportResponse>;
  /** Closes idle and busy connections. */
  close(): Promise<void>;
}

/** TLS material of a server. A new object means that it changed. */
export interface TlsMaterial {
  /** PEM, as the others. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly serverName?: string | undefined;
  readonly insecureSkipVerify?: boolean | undefined;
}
