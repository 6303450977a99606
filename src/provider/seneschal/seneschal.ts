import { randomBytes } from 'node:crypto';
import type { KeyUse } from '#model/key-ends.ts';
import type { Reservation } from '#model/loss.ts';
import type { OrganizationState } from '#model/organization.ts';
import { SecretValue } from '#model/secret-value.ts';
import type { VaultAddress } from '#model/vault-address.ts';
import {
  type AuditProof,
  type ChangesAnswer,
  type Fence,
  type HoldsRequest,
  type KeyUseAnswer,
  type KeyUseRequest,
  LARGEST_BATCH,
  LARGEST_BODY,
  LARGEST_KEY_USE,
  LARGEST_SYNC,
  type LeaseAnswer,
  type LeaseRequest,
  type LeaseReturn,
  REFUSALS,
  type ReservationRequest,
  ROUTES,
  type SightingsRequest,
  type StepAnswer,
  type StepRequest,
  type StepsAnswer,
  type StepsRequest,
  type SyncAnswer,
  type SyncRequest,
  type TraceAnswer,
  type TraceRequest,
  VOLATILE_HEADER,
  type VolatileState,
} from '#protocol/management.ts';
import { rotatePayload, syncPayload } from '#protocol/signing.ts';
import {
  type Observation,
  type Provider,
  ProviderError,
  type Snapshot,
  type SyncClaim,
  type SyncedMachine,
  type Tracer,
} from '../provider.ts';
import { Connection, type ConnectionOptions, parsed } from './connection.ts';
import type { Answer } from './vault-transport.ts';

/** For requests that carry work: 500 steps are 500 transactions. */
const WORK_TIMEOUT = 120_000;

/** In place of what the vault would say of a request that it does not read. */
const TOO_LARGE: StepAnswer = {
  status: 'Refused',
  code: 'Unreadable',
  message: `the step: has more than the ${LARGEST_BODY} bytes of a request.`,
  next: REFUSALS.Unreadable,
};

/** A Seneschal vault by an automation identity. Opens no connection before the first request. */
export function connect(options: ConnectionOptions): Provider & Tracer {
  return new SeneschalProvider(options);
}

class SeneschalProvider implements Provider, Tracer {
  readonly address: VaultAddress;
  readonly #connection: Connection;

  constructor(options: ConnectionOptions) {
    this.address = options.address;
    this.#connection = new Connection(options);
  }

  rotationLine(machineId: string, fingerprint: string): string {
    const { audience } = this.#connection;
    return rotatePayload({ audience, vaultId: this.address.vaultId, machineId, fingerprint });
  }

  async observe(known: Snapshot | null, signal: AbortSignal): Promise<Observation> {
    const answer = await this.#connection.ask({
      method: 'GET',
      route: ROUTES.snapshot,
      headers: known === null ? {} : { 'if-none-match': known.etag },
      timeout: 60_000,
      signal,
    });
    const volatile = volatileOf(answer);
    if (answer.status === 304 && known !== null) return { snapshot: known, moved: false, volatile };
    const { etag } = answer.headers;
    if (answer.status !== 200 || etag === undefined) throw unexpected(`GET ${ROUTES.snapshot}`);
    const state = parsed<OrganizationState>(answer.text, `GET ${ROUTES.snapshot}`);
    return { snapshot: { etag, state }, moved: true, volatile };
  }

  changes(
    since: { readonly revision: number; readonly secretRevision: number },
    wait: number,
    fence: Fence | null,
    signal: AbortSignal,
  ): Promise<ChangesAnswer> {
    return this.#connection.json({
      method: 'GET',
      route: ROUTES.changes,
      query: {
        since: since.revision,
        secretsSince: since.secretRevision,
        wait,
        ...(fence === null
          ? {}
          : { fencing: fence.fencing, manager: fence.manager, installation: fence.installation }),
      },
      timeout: (wait + 15) * 1000,
      signal,
    });
  }

  takeLease(body: LeaseRequest, signal: AbortSignal): Promise<LeaseAnswer> {
    return this.#connection.json({ method: 'POST', route: ROUTES.lease, body, signal });
  }

  async releaseLease(body: LeaseReturn, signal: AbortSignal): Promise<void> {
    await this.#connection.ask({ method: 'DELETE', route: ROUTES.lease, body, signal });
  }

  reserve(body: ReservationRequest, signal: AbortSignal): Promise<Reservation> {
    return this.#connection.json({
      method: 'POST',
      route: ROUTES.reservations,
      body,
      timeout: WORK_TIMEOUT,
      signal,
    });
  }

  async keepHolds(body: HoldsRequest, signal: AbortSignal): Promise<void> {
    await this.#connection.ask({
      method: 'POST',
      route: ROUTES.holds,
      body,
      timeout: WORK_TIMEOUT,
      signal,
    });
  }

  async execute(
    fence: Fence,
    steps: readonly StepRequest[],
    signal: AbortSignal,
  ): Promise<readonly StepAnswer[]> {
    const answers: StepAnswer[] = [];
    for (const batch of stepBatches({ fence, steps })) {
      if (batch === 'TooLarge') answers.push(TOO_LARGE);
      else answers.push(...(await this.#execute(batch, signal)));
    }
    return answers;
  }

  async #execute({ text, count }: StepBatch, signal: AbortSignal): Promise<readonly StepAnswer[]> {
    const { results } = await this.#connection.json<StepsAnswer>({
      method: 'POST',
      route: ROUTES.steps,
      text,
      timeout: WORK_TIMEOUT,
      signal,
    });
    if (!Array.isArray(results) || results.length !== count) throw unexpected(`POST ${ROUTES.steps}`);
    return results;
  }

  async recordSightings({ fence, sightings }: SightingsRequest, signal: AbortSignal): Promise<void> {
    for (const batch of batches(sightings)) {
      await this.#connection.ask({
        method: 'POST',
        route: ROUTES.sightings,
        body: { fence, sightings: batch },
        timeout: WORK_TIMEOUT,
        signal,
      });
    }
  }

  async sync(claims: readonly SyncClaim[], signal: AbortSignal): Promise<readonly SyncedMachine[]> {
    const synced: SyncedMachine[] = [];
    for (const batch of batches(claims, LARGEST_SYNC)) {
      const body: SyncRequest = { machines: batch.map((claim) => this.#proven(claim)) };
      const { machines } = await this.#connection.json<SyncAnswer>({
        method: 'POST',
        route: ROUTES.sync,
        body,
        timeout: WORK_TIMEOUT,
        signal,
      });
      synced.push(...machines.map(wrapped));
    }
    return synced;
  }

  trace(body: TraceRequest, signal: AbortSignal): Promise<TraceAnswer> {
    return this.#connection.json({
      method: 'POST',
      route: ROUTES.trace,
      body,
      timeout: WORK_TIMEOUT,
      signal,
    });
  }

  async keyUse(fingerprints: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, KeyUse>> {
    const uses = new Map<string, KeyUse>();
    for (const batch of batches(fingerprints, LARGEST_KEY_USE)) {
      const body: KeyUseRequest = { fingerprints: batch };
      const route = ROUTES.keyUse;
      const { keys } = await this.#connection.json<KeyUseAnswer>({ method: 'POST', route, body, signal });
      for (const { fingerprint, ...use } of keys) uses.set(fingerprint, use);
    }
    return uses;
  }

  auditProof(after: number, signal: AbortSignal): Promise<AuditProof> {
    return this.#connection.json({
      method: 'GET',
      route: ROUTES.auditProof,
      query: { after },
      timeout: 60_000,
      signal,
    });
  }

  answers(signal: AbortSignal): Promise<boolean> {
    return this.#connection.answers(signal);
  }

  dropConnections(): void {
    this.#connection.close();
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  #proven({ machineId, secrets, sign }: SyncClaim): SyncRequest['machines'][number] {
    const timestamp = String(Math.floor(this.#connection.now() / 1000));
    const nonce = randomBytes(16).toString('base64');
    const { audience } = this.#connection;
    const { vaultId } = this.address;
    const proof = sign(syncPayload({ audience, vaultId, machineId, timestamp, nonce }));
    return { machineId, timestamp, nonce, proof, secrets };
  }
}

/** Values become a type that prints `[redacted]` before anybody else sees them. */
function wrapped({ machineId, error, secrets, refused }: SyncAnswer['machines'][number]): SyncedMachine {
  return {
    machineId,
    error,
    refused,
    secrets: secrets.map(({ id, name, projectId, version, value }) => ({
      id,
      name,
      projectId,
      version,
      value: new SecretValue(value),
    })),
  };
}

function volatileOf({ headers }: Answer): VolatileState {
  const header = headers[VOLATILE_HEADER];
  if (typeof header !== 'string') throw unexpected(`GET ${ROUTES.snapshot}`);
  return parsed(header, `GET ${ROUTES.snapshot}`);
}

function unexpected(what: string): ProviderError {
  return new ProviderError({
    class: 'Transient',
    code: 'VaultError',
    publicMessage: `The vault's answer to ${what} is not what this version expects; is the URL that of a Seneschal vault?`,
  });
}

interface StepBatch {
  /** The body of the request. */
  readonly text: string;
  readonly count: number;
}

/** The steps in requests that the vault reads, each step written once; in the place of one that is too large by itself, that it is. */
function* stepBatches({ fence, steps }: StepsRequest): Generator<StepBatch | 'TooLarge'> {
  const [head, tail] = [`{"fence":${JSON.stringify(fence)},"steps":[`, ']}'];
  const around = Buffer.byteLength(head) + Buffer.byteLength(tail);
  let texts: string[] = [];
  let size = around;
  const batch = (): StepBatch => ({ text: head + texts.join(',') + tail, count: texts.length });
  for (const step of steps) {
    const text = JSON.stringify(step);
    // With its comma.
    const more = Buffer.byteLength(text) + 1;
    const alone = around + more > LARGEST_BODY;
    if (texts.length > 0 && (alone || texts.length === LARGEST_BATCH || size + more > LARGEST_BODY)) {
      yield batch();
      [texts, size] = [[], around];
    }
    if (alone) {
      yield 'TooLarge';
      continue;
    }
    texts.push(text);
    size += more;
  }
  if (texts.length > 0) yield batch();
}

function* batches<T>(items: readonly T[], size = LARGEST_BATCH): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
