/** Gathers what many bindings ask for into few calls of the sync route (V9). */
import type { Clock } from '#kube/kube.ts';
import type { Provider, SyncClaim, SyncedMachine } from '#provider/provider.ts';

/** Machines a call. */
const MAX_MACHINES = 100;
/** How long a claim waits for others, in milliseconds. */
const LINGER = 40;
/** The same soon after a call, for first values: those of many new bindings come one by one, and go into few calls. */
const PATIENT_LINGER = 200;

interface Waiting {
  readonly claim: SyncClaim;
  readonly isPatient: boolean;
  readonly resolve: (machine: SyncedMachine) => void;
  readonly reject: (error: unknown) => void;
}

/** One for each provider. Claims that come while a call is under way go into the next. */
export class SyncBatcher {
  readonly #provider: Pick<Provider, 'sync'>;
  readonly #clock: Clock;
  readonly #signal: () => AbortSignal;
  #waiting: Waiting[] = [];
  #scheduled = false;
  #calling = false;
  #calledAt = Number.NEGATIVE_INFINITY;

  constructor(provider: Pick<Provider, 'sync'>, clock: Clock, signal: () => AbortSignal) {
    this.#provider = provider;
    this.#clock = clock;
    this.#signal = signal;
  }

  /**
   * The values of one machine. `isPatient`: nothing holds older values meanwhile. Rejects with what the provider
   * throws.
   */
  sync(claim: SyncClaim, isPatient = false): Promise<SyncedMachine> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ claim, isPatient, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled || this.#calling || this.#waiting.length === 0) return;
    this.#scheduled = true;
    const isBusy = this.#clock.now() - this.#calledAt < PATIENT_LINGER;
    const linger = isBusy && this.#waiting.every(({ isPatient }) => isPatient) ? PATIENT_LINGER : LINGER;
    this.#clock.after(this.#waiting.length >= MAX_MACHINES ? 0 : linger, () => {
      this.#scheduled = false;
      this.#calling = true;
      void this.#call(this.#take()).finally(() => {
        this.#calling = false;
        this.#calledAt = this.#clock.now();
        this.#schedule();
      });
    });
  }

  /** A machine that is asked for twice waits for the next call: an answer names machines, not claims. */
  #take(): Waiting[] {
    const batch = new Map<string, Waiting>();
    const later: Waiting[] = [];
    for (const waiting of this.#waiting) {
      const { machineId } = waiting.claim;
      if (batch.size < MAX_MACHINES && !batch.has(machineId)) batch.set(machineId, waiting);
      else later.push(waiting);
    }
    this.#waiting = later;
    return [...batch.values()];
  }

  async #call(batch: readonly Waiting[]): Promise<void> {
    try {
      const machines = await this.#provider.sync(
        batch.map(({ claim }) => claim),
        this.#signal(),
      );
      const byId = new Map(machines.map((machine) => [machine.machineId, machine]));
      for (const { claim, resolve } of batch) {
        resolve(
          byId.get(claim.machineId) ?? {
            machineId: claim.machineId,
            error: 'Unknown',
            secrets: [],
            refused: [],
          },
        );
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
