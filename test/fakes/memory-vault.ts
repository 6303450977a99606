/**
 * A provider in memory, for tests of the engine that need a vault to misbehave at a chosen moment. Steps are
 * done by the oracle of planning; what the real server does is tested against the real server.
 */
import { consequence } from '#model/consequence.ts';
import { planDigest, sha256, stepHash } from '#model/digest.ts';
import type { AuditHead, FreezeFlag, LeaseState, OrganizationState } from '#model/organization.ts';
import type { VaultAddress } from '#model/vault-address.ts';
import type {
  AuditProof,
  Fence,
  HoldsRequest,
  ReservationRequest,
  SightingsRequest,
  StepAnswer,
  StepRequest,
  VolatileState,
} from '#protocol/management.ts';
import { type Observation, type Provider, ProviderError, type Snapshot } from '#provider/provider.ts';
import { applyAction } from '#test/builders/oracle.ts';

/** What happens in place of a step; undefined: the step is done. */
type Bend = (request: StepRequest) => StepAnswer | undefined;

export class MemoryVault implements Provider {
  readonly address: VaultAddress;
  /** Every call, in order: `observe`, `lease`, `reserve people`, `execute 3`, ... */
  readonly calls: string[] = [];
  readonly requests: StepRequest[] = [];
  state: OrganizationState;
  lease: LeaseState | null = null;
  freeze: FreezeFlag | null = null;
  head: AuditHead;
  yieldRequested = false;
  /** Thrown by the call of that name, once. */
  readonly faults = new Map<string, ProviderError>();
  bend: Bend = () => undefined;
  /** Called before each call: a test changes the world, or aborts. */
  before: (call: string) => void = () => undefined;
  readonly #digests: string[] = [];
  readonly #now: () => number;

  constructor(state: OrganizationState, now: () => number) {
    this.address = { url: 'http://localhost:1', vaultId: state.vaultId };
    this.state = state;
    this.#now = now;
    this.head = { epoch: state.epoch, sequence: 0, hash: sha256('start') };
  }

  rotationLine(machineId: string, fingerprint: string): string {
    return `${machineId} ${fingerprint}`;
  }

  /** One act more in the chain, and in the revision. */
  moved(state: OrganizationState): void {
    const digest = sha256(`act ${this.head.sequence + 1}`);
    this.#digests.push(digest);
    this.head = {
      ...this.head,
      sequence: this.head.sequence + 1,
      hash: sha256(this.head.hash + digest),
    };
    this.state = { ...state, revision: this.state.revision + 1 };
  }

  async observe(known: Snapshot | null, signal: AbortSignal): Promise<Observation> {
    this.#call('observe', signal);
    const etag = `"${this.state.epoch}.${this.state.revision}"`;
    const snapshot = known?.etag === etag ? known : { etag, state: this.state };
    return { snapshot, moved: snapshot !== known, volatile: this.#volatile() };
  }

  async changes(): Promise<never> {
    throw new Error('not for the engine');
  }

  async takeLease(request: { manager: string; installation: string }, signal: AbortSignal) {
    this.#call('lease', signal);
    const holder = this.lease;
    if (holder !== null && holder.installation !== request.installation) {
      const code = holder.manager === request.manager ? 'LeaseHeld' : 'ManagementConflict';
      throw new ProviderError({ class: 'Conflict', code, publicMessage: 'held' });
    }
    this.lease = { ...request, fencing: (holder?.fencing ?? 0) + 1, expiresAt: this.#now() + 45_000 };
    return { fencing: this.lease.fencing, expiresAt: this.lease.expiresAt };
  }

  async releaseLease(_fence: Fence, signal: AbortSignal): Promise<void> {
    this.#call('release', signal);
    this.lease = null;
  }

  async reserve(request: ReservationRequest, signal: AbortSignal) {
    this.#call(`reserve ${request.class}`, signal);
    const reservation = {
      id: `res_${this.state.reservations.length + 1}`,
      class: request.class,
      digest: planDigest(this.address.vaultId, request.actions),
      stepHashes: request.actions.map((action) => stepHash(this.address.vaultId, action)),
      approved: request.approval !== null,
      createdAt: this.#now(),
      expiresAt: this.#now() + 3_600_000,
    };
    this.state = { ...this.state, reservations: [...this.state.reservations, reservation] };
    return reservation;
  }

  async keepHolds({ holds }: HoldsRequest, signal: AbortSignal): Promise<void> {
    this.#call(`holds ${holds.map((hold) => `${hold.class} ${hold.stepHashes.length}`).join(', ')}`, signal);
    this.moved({ ...this.state, holds });
  }

  async execute(_fence: Fence, steps: readonly StepRequest[], signal: AbortSignal) {
    this.#call(`execute ${steps.length}`, signal);
    return steps.map((request) => {
      this.requests.push(request);
      return this.bend(request) ?? this.#done(request);
    });
  }

  async recordSightings({ sightings }: SightingsRequest, signal: AbortSignal): Promise<void> {
    this.#call(`sightings ${sightings.length}`, signal);
    const marks = new Map(sightings.map(({ kind, key, seenUnder }) => [`${kind}/${key}`, seenUnder]));
    const records = this.state.records.map((record) => ({
      ...record,
      seenUnder: marks.get(`${record.kind}/${record.key}`) ?? record.seenUnder,
    }));
    this.state = { ...this.state, records };
  }

  async sync(): Promise<never> {
    throw new Error('not for the engine');
  }

  async auditProof(after: number, signal: AbortSignal): Promise<AuditProof> {
    this.#call(`proof ${after}`, signal);
    let hash = sha256('start');
    for (const digest of this.#digests.slice(0, after)) hash = sha256(hash + digest);
    const hashAtAfter = after > this.#digests.length ? null : hash;
    return { head: this.head, hashAtAfter, digests: this.#digests.slice(after) };
  }

  async answers(): Promise<boolean> {
    return true;
  }

  dropConnections(): void {}

  async close(): Promise<void> {}

  #call(name: string, signal: AbortSignal): void {
    this.before(name);
    signal.throwIfAborted();
    this.calls.push(name);
    const fault = this.faults.get(name);
    if (fault === undefined) return;
    this.faults.delete(name);
    throw fault;
  }

  #done({ action, record, dropRecord, publicKey }: StepRequest): StepAnswer {
    const now = this.#now();
    const { loss } = consequence(this.state, action, now);
    const fingerprint = publicKey === undefined ? '' : `fp-${action.key}`;
    let state = applyAction(this.state, action, now, fingerprint);
    const changed = record ?? dropRecord;
    if (changed !== undefined && changed !== null) {
      const others = state.records.filter(({ kind, key }) => kind !== changed.kind || key !== changed.key);
      state = { ...state, records: record == null ? others : [...others, record] };
    }
    const hash = stepHash(this.address.vaultId, action);
    const reservations = state.reservations
      .map((open) => ({ ...open, stepHashes: open.stepHashes.filter((other) => other !== hash) }))
      .filter(({ stepHashes }) => stepHashes.length > 0);
    const ledger =
      loss === null ? state.ledger : [...state.ledger, { ...loss, at: now, stepHash: hash, approved: false }];
    this.moved({ ...state, reservations, ledger });
    return { status: 'Done' };
  }

  #volatile(): VolatileState {
    const { head, lease, freeze, yieldRequested } = this;
    return { head, lease, freeze, yieldRequested, secretRevision: 0 };
  }
}
