/**
 * What is kept of one organization between passes, all of it in memory: after a restart it is read again from
 * the vault and the cluster.
 */
import { VaultLease } from '#engine/manager-lease.ts';
import type { PassResult } from '#engine/pass-types.ts';
import type { LossClass } from '#model/loss.ts';
import type { AuditHead } from '#model/organization.ts';
import type { VaultAddress } from '#model/vault-address.ts';
import type { Settling } from '#planning/plan-types.ts';
import type { Provider, Snapshot } from '#provider/provider.ts';
import type { Credentials } from '#provider/seneschal/automation-credentials.ts';
import { type Clock, type Logger, pause } from '#runtime/runtime.ts';
import type { VaultAccess } from './credentials-secret.ts';
import { PassLog } from './pass-log.ts';
import type { VaultContact } from './silence.ts';

export interface Connection {
  readonly provider: Provider;
  readonly access: VaultAccess;
  /** `spec.vault` and `spec.manager` that it was made for. */
  readonly declared: string;
}

/** Makes a provider; nothing is sent yet. */
export type Connect = (credentials: Credentials) => Provider;

export class OrganizationMemory {
  /** `namespace/name` of the Organization. */
  readonly key: string;
  readonly #installation: string;
  readonly log: PassLog;
  connection: Connection | null = null;
  /** The Secret that the connection was made from may be another now. */
  credentialsMoved = false;
  /** What keeps it from its vault is in its Secrets: a change of one has it looked at again. */
  awaitsSecrets = false;
  lease: VaultLease | null = null;
  known: Snapshot | null = null;
  #anchor: { readonly vaultId: string; readonly head: AuditHead | null } | null = null;
  anchorWrittenAt: number;
  settling: Readonly<Partial<Record<LossClass, Settling>>> = {};
  /** PlanApprovals that a step ran under and whose status may not say so yet. */
  readonly usedApprovals = new Set<string>();
  /** The CLI of the same manager asked for the lease: until then it is left to it (rail 10). */
  yieldUntil = 0;
  /** When the vault was heard; null: it is not asked. */
  contact: VaultContact | null = null;
  /** Its status says that the vault is not heard. */
  isSaidSilent = false;
  /** Objects of it may say `Stale`: of a process before this one, too. */
  maySayStale = true;
  /** Until then all objects are known to say it. */
  allSaidStaleUntil = 0;
  /** Since when there has been no Organization of this name. */
  absentSince: number | null = null;
  #written: Promise<void> = Promise.resolve();
  #poll: { readonly abort: AbortController; readonly ended: Promise<void> } | null = null;
  #resting = new AbortController();
  #secret: { readonly name: string; readonly abort: AbortController } | null = null;

  constructor(key: string, installation: string, now: number, log: Logger) {
    this.key = key;
    this.log = new PassLog(log, key);
    this.#installation = installation;
    this.anchorWrittenAt = now;
  }

  /** The lease of a manager's name; another name is another holder. */
  leaseOf(manager: string): VaultLease {
    if (this.lease?.manager !== manager) this.lease = new VaultLease(manager, this.#installation, 'Operator');
    return this.lease;
  }

  /** A3: of that vault, newer than the one in the status, which is written with other changes or hourly. */
  anchorOf({ vaultId }: VaultAddress): AuditHead | null {
    return this.#anchor?.vaultId === vaultId ? this.#anchor.head : null;
  }

  /** Keeps what the next pass goes by. */
  passed({ observation, settling, anchor, usedApprovals }: PassResult, { vaultId }: VaultAddress): void {
    this.known = observation.snapshot;
    this.settling = settling;
    this.#anchor = { vaultId, head: anchor };
    for (const name of usedApprovals) this.usedApprovals.add(name);
  }

  /** Starts the long poll unless it runs. It ends with the connection or with `signal`. */
  follow(signal: AbortSignal, poll: (signal: AbortSignal) => Promise<void>): void {
    if (this.#poll !== null) return;
    const abort = new AbortController();
    this.#poll = { abort, ended: poll(AbortSignal.any([signal, abort.signal])) };
  }

  /** Waits for so long (milliseconds), or until the vault is known to be back. */
  async rest(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
    const resting = this.#resting;
    await pause(clock, ms, AbortSignal.any([signal, resting.signal]));
    // Woken while it still hung, too: that a vault is back is heard by the rest that follows.
    if (this.#resting === resting) this.#resting = new AbortController();
  }

  /** The vault answers again: what hangs on connections of before is let go, and the poll goes on at once. */
  back(): void {
    this.connection?.provider.dropConnections();
    this.#resting.abort();
  }

  /** Watches the Secret of that name unless it is watched. */
  watchSecret(name: string, signal: AbortSignal, watch: (name: string, signal: AbortSignal) => void): void {
    if (this.#secret?.name === name) return;
    this.#secret?.abort.abort();
    const abort = new AbortController();
    this.#secret = { name, abort };
    watch(name, AbortSignal.any([signal, abort.signal]));
  }

  /** One after the other: a status is computed from the one before it. */
  async writing<T>(write: () => Promise<T>): Promise<T> {
    const before = this.#written;
    const written = before.then(write);
    this.#written = written.then(
      () => undefined,
      () => undefined,
    );
    return written;
  }

  /** Gives the lease back and closes the connection; what was observed of that vault is forgotten. */
  async disconnect(signal: AbortSignal): Promise<void> {
    const { connection, lease } = this;
    this.connection = null;
    this.lease = null;
    this.known = null;
    this.settling = {};
    const poll = this.#poll;
    this.#poll = null;
    poll?.abort.abort();
    await poll?.ended;
    if (connection === null) return;
    // A vault that does not answer lets the lease run out by itself.
    await lease?.release(connection.provider, signal).catch(() => undefined);
    await connection.provider.close().catch(() => undefined);
  }

  /** The Organization is gone. */
  async end(signal: AbortSignal): Promise<void> {
    this.#secret?.abort.abort();
    this.#secret = null;
    await this.disconnect(signal);
  }
}
