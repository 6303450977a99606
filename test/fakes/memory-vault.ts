/**
 * A provider in memory, for tests of the engine that need a vault to misbehave at a chosen moment. Steps are
 * done by the oracle of planning; what the real server does is tested against the real server.
 */
import { consequence } from '#model/consequence.ts';
import { planDigest, sha256, stepHash } from '#model/digest.ts';
import type { KeyUse } from '#model/key-ends.ts';
import { leaseStanding } from '#model/lease-standing.ts';
import type { AuditHead, FreezeFlag, LeaseState, OrganizationState } from '#model/organization.ts';
import type { StepAction } from '#model/step.ts';
import type { VaultAddress } from '#model/vault-address.ts';
import {
  type AuditProof,
  type Fence,
  type HoldsRequest,
  type LeaseRequest,
  REFUSALS,
  type Refusal,
  type ReservationRequest,
  type SightingsRequest,
  type StepAnswer,
  type StepRequest,
  type VolatileState,
} from '#protocol/management.ts';
import { type Observation, type Provider, ProviderError, type Snapshot } from '#provider/provider.ts';
import { applyStep, type StepDone } from '#test/builders/oracle.ts';

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
  /** Of keys, by fingerprint. */
  readonly uses = new Map<string, KeyUse>();
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

  async takeLease({ manager, installation, holder = 'Operator' }: LeaseRequest, signal: AbortSignal) {
    this.#call('lease', signal);
    const before = this.#standing();
    const claimant = { manager, installation, holder };
    const standing = leaseStanding(before, claimant);
    if (standing === 'yields' || standing === 'conflict') {
      const code = standing === 'yields' ? 'LeaseHeld' : 'ManagementConflict';
      throw new ProviderError({ class: 'Conflict', code, publicMessage: 'held' });
    }
    const fencing = (before?.fencing ?? 0) + 1;
    const since = this.#now();
    this.lease = { ...claimant, fencing, since, expiresAt: since + 45_000, holdsFor: 45_000, isLent: false };
    return { fencing, holdsFor: 45_000 };
  }

  async releaseLease(fence: Fence, signal: AbortSignal): Promise<void> {
    this.#call('release', signal);
    if (this.#holds(fence)) this.lease = null;
  }

  async reserve(request: ReservationRequest, signal: AbortSignal) {
    this.#call(`reserve ${request.class}`, signal);
    this.#fenced(request.fence);
    const reservation = {
      id: `res_${this.state.reservations.length + 1}`,
      class: request.class,
      digest: planDigest(this.address.vaultId, request.actions),
      stepHashes: request.actions.map((action) => stepHash(this.address.vaultId, action)),
      approved: request.approval !== null,
      createdAt: this.#now(),
      expiresAt: this.#now() + 3_600_000,
    };
    this.state = used(
      { ...this.state, reservations: [...this.state.reservations, reservation] },
      request.approval,
    );
    return reservation;
  }

  async keepHolds({ fence, holds }: HoldsRequest, signal: AbortSignal): Promise<void> {
    this.#call(`holds ${holds.map((hold) => `${hold.class} ${hold.stepHashes.length}`).join(', ')}`, signal);
    this.#fenced(fence);
    this.moved({ ...this.state, holds });
  }

  async execute(fence: Fence, steps: readonly StepRequest[], signal: AbortSignal) {
    this.#call(`execute ${steps.length}`, signal);
    this.#fenced(fence);
    return steps.map((request) => {
      this.requests.push(request);
      return this.bend(request) ?? this.#done(request);
    });
  }

  async recordSightings({ fence, sightings }: SightingsRequest, signal: AbortSignal): Promise<void> {
    this.#call(`sightings ${sightings.length}`, signal);
    this.#fenced(fence);
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

  async keyUse(fingerprints: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, KeyUse>> {
    this.#call(`uses ${fingerprints.length}`, signal);
    return new Map([...this.uses].filter(([fingerprint]) => fingerprints.includes(fingerprint)));
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

  #done(request: StepRequest): StepAnswer {
    const { action, record, dropRecord, publicKey } = request;
    const now = this.#now();
    const hash = stepHash(this.address.vaultId, action);
    const open = this.state.reservations.find(({ stepHashes }) => stepHashes.includes(hash));
    const step: StepDone = {
      action,
      hash,
      consequence: consequence(this.state, action, now),
      record: record === undefined && dropRecord !== undefined ? null : record,
      subject: record ?? dropRecord ?? null,
      reinstate: request.reinstate ?? null,
      approved: open?.approved ?? request.approval != null,
    };
    const fingerprint = publicKey === undefined ? '' : `fp-${action.key}`;
    let state: OrganizationState;
    try {
      state = applyStep(this.state, step, now, fingerprint);
    } catch (error) {
      return refused(error);
    }
    const reservations = state.reservations
      .map((one) => ({ ...one, stepHashes: one.stepHashes.filter((other) => other !== hash) }))
      .filter(({ stepHashes }) => stepHashes.length > 0);
    const after = { ...used(state, request.approval), reservations };
    // What was approved in the vault counts toward no budget of gains.
    this.moved(request.approval == null ? given(after, action, now) : after);
    return { status: 'Done' };
  }

  /** The lease as of now: one that ran out holds for no time more. */
  #standing(): LeaseState | null {
    const { lease } = this;
    return lease === null ? null : { ...lease, holdsFor: Math.max(0, lease.expiresAt - this.#now()) };
  }

  #holds({ manager, installation, fencing }: Fence): boolean {
    const lease = this.#standing();
    if (lease === null || lease.holdsFor === 0) return false;
    return lease.manager === manager && lease.installation === installation && lease.fencing === fencing;
  }

  #fenced(fence: Fence): void {
    if (this.#holds(fence)) return;
    throw new ProviderError({ class: 'Conflict', code: 'LeaseLost', publicMessage: REFUSALS.LeaseLost });
  }

  #volatile(): VolatileState {
    const { head, freeze, yieldRequested } = this;
    const lease = this.#standing();
    const own = this.state.records.find(({ kind }) => kind === 'Organization');
    const managedBy = own === undefined ? null : { manager: own.manager, fencing: 1 };
    return { head, lease, freeze, managedBy, yieldRequested, secretRevision: 0 };
  }
}

/** An approval that was used is listed no longer. */
function used(
  state: OrganizationState,
  approval: ReservationRequest['approval'] | undefined,
): OrganizationState {
  if (approval == null) return state;
  return { ...state, approvals: state.approvals.filter(({ id }) => id !== approval.reference) };
}

/** What the delegation gave by now (V4). */
function given(state: OrganizationState, { kind }: StepAction, now: number): OrganizationState {
  const gained = kind === 'InviteMember' ? 'invites' : kind === 'CreateProject' ? 'projects' : null;
  if (gained === null) return state;
  const { gains } = state;
  return {
    ...state,
    gains: { ...gains, given: [...gains.given, { class: gained, units: 1, at: now }] },
  };
}

/** What the oracle throws begins with the code of the refusal. */
function refused(error: unknown): StepAnswer {
  const { message } = error as Error;
  const code = message.split(' ')[0] ?? '';
  if (!Object.hasOwn(REFUSALS, code)) throw error;
  return { status: 'Refused', code: code as Refusal, message, next: REFUSALS[code as Refusal] };
}
