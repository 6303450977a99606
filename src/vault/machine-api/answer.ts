export interface MachineAnswer {
  readonly status: number;
  readonly body: string;
  /** Left out: JSON. */
  readonly contentType?: string;
  /** Seconds, for `Retry-After`. */
  readonly retryAfter?: number;
  /** The machine that signed or enrolled; null where no signature verified. */
  readonly machineId: string | null;
  /** For the request log: the refusal's code, or what was done. */
  readonly outcome: string;
  /** A fault of the server behind a 503; for its log alone. */
  readonly fault?: unknown;
}
