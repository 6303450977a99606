/**
 * The port to a vault: everything that the engine and the syncing of values need of one. Adapters live in
 * folders beside it. Errors are `ProviderError`s; nothing here retries by itself.
 */

import type { KeyUse } from '#model/key-ends.ts';
import type { Reservation } from '#model/loss.ts';
import type { OrganizationState } from '#model/organization.ts';
import type { SecretValue } from '#model/secret-value.ts';
import type { VaultAddress } from '#model/vault-address.ts';
import type {
  AuditProof,
  ChangesAnswer,
  Fence,
  HoldsRequest,
  LeaseAnswer,
  LeaseRequest,
  LeaseReturn,
  ReservationRequest,
  SightingsRequest,
  StepAnswer,
  StepRequest,
  SyncAnswer,
  TraceAnswer,
  TraceRequest,
  VolatileState,
} from '#protocol/management.ts';

export interface Snapshot {
  readonly etag: string;
  readonly state: OrganizationState;
}

export interface Observation {
  /** The snapshot that was passed in, where nothing moved (304). */
  readonly snapshot: Snapshot;
  readonly moved: boolean;
  readonly volatile: VolatileState;
}

export interface SyncedSecret {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly version: number;
  readonly value: SecretValue;
}

export interface SyncedMachine {
  readonly machineId: string;
  readonly error: string | null;
  readonly secrets: readonly SyncedSecret[];
  readonly refused: SyncAnswer['machines'][number]['refused'];
}

/** A machine whose values are asked for: `sign` makes the proof with its private key (V9). */
export interface SyncClaim {
  readonly machineId: string;
  readonly secrets: readonly string[];
  readonly sign: (payload: string) => string;
}

export interface Provider {
  /** Its url goes into identity bundles. */
  readonly address: VaultAddress;
  /** Rail 2: the text by whose signature a key of the machine vouches for the key of that fingerprint. */
  rotationLine(machineId: string, fingerprint: string): string;
  /** One conditional request. */
  observe(known: Snapshot | null, signal: AbortSignal): Promise<Observation>;
  /** Long poll; renews the lease where `fence` is given. `wait` in seconds, at most 30. */
  changes(
    since: { readonly revision: number; readonly secretRevision: number },
    wait: number,
    fence: Fence | null,
    signal: AbortSignal,
  ): Promise<ChangesAnswer>;
  /** Throws a `ProviderError` with code `ManagementConflict` while it is another's, `LeaseHeld` while that one makes room. */
  takeLease(request: LeaseRequest, signal: AbortSignal): Promise<LeaseAnswer>;
  releaseLease(lease: LeaseReturn, signal: AbortSignal): Promise<void>;
  reserve(request: ReservationRequest, signal: AbortSignal): Promise<Reservation>;
  /** Replaces what the vault keeps as held (rail 1). */
  keepHolds(request: HoldsRequest, signal: AbortSignal): Promise<void>;
  /** In order; splits into requests of at most 500 steps. */
  execute(fence: Fence, steps: readonly StepRequest[], signal: AbortSignal): Promise<readonly StepAnswer[]>;
  recordSightings(request: SightingsRequest, signal: AbortSignal): Promise<void>;
  sync(claims: readonly SyncClaim[], signal: AbortSignal): Promise<readonly SyncedMachine[]>;
  /** When these keys were used last, by fingerprint; without those that the vault does not have. */
  keyUse(fingerprints: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, KeyUse>>;
  auditProof(after: number, signal: AbortSignal): Promise<AuditProof>;
  /** Whether something answers at the address: a request without credentials on a connection of its own, for a second. */
  answers(signal: AbortSignal): Promise<boolean>;
  /** Ends what is under way, which may hang on connections that lead nowhere; those calls throw `Unreachable`. */
  dropConnections(): void;
  close(): Promise<void>;
}

/** What questions need beside the snapshot; no pass asks for it. */
export interface Tracer {
  trace(request: TraceRequest, signal: AbortSignal): Promise<TraceAnswer>;
}

/** How an error of the vault is to be taken (engineering §4). */
export type ProviderErrorClass = 'Transient' | 'RateLimited' | 'Auth' | 'Refused' | 'Conflict' | 'Gone';

export class ProviderError extends Error {
  readonly class: ProviderErrorClass;
  /** Constant, for example `Unreachable`, `Sealed`, `ManagementConflict`, `VaultNotFound`. */
  readonly code: string;
  /** Built from known fields only; may be shown. */
  readonly publicMessage: string;
  /**
   * More than may be shown where others read it: for whoever runs the program, on their terminal and in its log.
   * Null: there is no more.
   */
  readonly diagnosis: string | null;
  /** Milliseconds, from `Retry-After`. */
  readonly retryAfter: number | null;
  /** What to do, where it is not what the code says in general. */
  readonly next: string | undefined;

  constructor(
    fields: {
      class: ProviderErrorClass;
      code: string;
      publicMessage: string;
      diagnosis?: string | null;
      retryAfter?: number | null;
      next?: string | undefined;
    },
    cause?: unknown,
  ) {
    super(fields.publicMessage, { cause });
    this.name = 'ProviderError';
    this.next = fields.next;
    this.class = fields.class;
    this.code = fields.code;
    this.publicMessage = fields.publicMessage;
    this.diagnosis = fields.diagnosis ?? null;
    this.retryAfter = fields.retryAfter ?? null;
  }
}
