/**
 * Calls to a vault that fail are made by one binding in place of all (a circuit breaker, one an organization). While it is
 * open bindings wait without a failure of their own; once the vault answers anything one of them tries, and where that
 * goes through all who wait are woken.
 */
import { ProviderError } from '#provider/provider.ts';
import { backoff, type Clock, type Logger, WaitingError } from '#runtime/runtime.ts';

const TRIAL = { baseMs: 1_000, maxMs: 30_000 };
/** One log line a vault and minute, however many wait for it. */
const SAID_EVERY_MS = 60_000;

/** The vault does not answer such calls; who asked is woken when it does. */
export class VaultAwayError extends WaitingError {}

export interface CircuitListener {
  /** Runs the binding again. */
  wake(key: string): void;
  /** While it is open, at most once a minute. */
  away(reason: string, waiting: number): void;
  /** It closed: as many go on. */
  back(waiting: number): void;
}

interface Open {
  readonly error: ProviderError;
  failures: number;
  /** `free`: the next call that comes is the trial. */
  trial: 'none' | 'free' | 'under way';
}

export class VaultCircuit {
  readonly #clock: Clock;
  readonly #listener: CircuitListener;
  readonly #random: () => number;
  readonly #waiting = new Set<string>();
  #open: Open | null = null;
  #cancelTrial = () => {};
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, listener: CircuitListener, random: () => number = Math.random) {
    this.#clock = clock;
    this.#listener = listener;
    this.#random = random;
  }

  /**
   * Makes the call of that binding. Throws VaultAwayError while it is open, or where the call fails as transient: the key is
   * woken later. Rethrows everything else.
   */
  async through<T>(key: string, call: () => Promise<T>): Promise<T> {
    const isTrial = this.#admits(key);
    try {
      const answer = await call();
      this.#close();
      return answer;
    } catch (error) {
      if (error instanceof ProviderError && error.class === 'Transient') {
        this.#failed(error, isTrial);
        throw this.#wait(key, error);
      }
      // A refusal is an answer, and an abort says nothing of the vault.
      if (error instanceof ProviderError) this.#close();
      else if (isTrial && this.#open !== null) this.#open.trial = 'none';
      throw error;
    }
  }

  /** Throws VaultAwayError where a call of the binding would: before anything is got ready for it. */
  check(key: string): void {
    if (this.#open !== null && this.#open.trial !== 'free') throw this.#wait(key, this.#open.error);
  }

  /** The vault answered something, whoever asked. */
  answered(): void {
    if (this.#open?.trial === 'none') this.#try(this.#open);
  }

  /** The binding is gone, or asks for nothing any more. */
  forget(key: string): void {
    this.#waiting.delete(key);
  }

  /** Whether the call is a trial; throws where the key has to wait. */
  #admits(key: string): boolean {
    this.check(key);
    if (this.#open === null) return false;
    this.#open.trial = 'under way';
    return true;
  }

  #wait(key: string, { code, publicMessage }: ProviderError): VaultAwayError {
    this.#waiting.add(key);
    return new VaultAwayError(code, publicMessage);
  }

  #failed(error: ProviderError, isTrial: boolean): void {
    const open = this.#open ?? { error, failures: 0, trial: 'none' };
    // Calls that were under way when the first failed tell the same once more.
    if (this.#open !== null && !isTrial) return;
    this.#open = { error, failures: open.failures + 1, trial: 'none' };
    this.#schedule(this.#open);
    if (this.#clock.now() - this.#saidAt < SAID_EVERY_MS) return;
    this.#saidAt = this.#clock.now();
    this.#listener.away(error.code, this.#waiting.size);
  }

  /** A trial comes in its time too: nobody else may be asking this vault. */
  #schedule(open: Open): void {
    this.#cancelTrial();
    const afterMs = backoff(open.failures, TRIAL, this.#random);
    this.#cancelTrial = this.#clock.after(afterMs, () => this.#try(open));
  }

  #try(open: Open): void {
    if (open !== this.#open) return;
    open.trial = 'free';
    // Where the one that is woken has nothing to ask any more, another one is in its time.
    this.#schedule(open);
    const [first] = this.#waiting;
    if (first === undefined) return;
    this.#waiting.delete(first);
    this.#listener.wake(first);
  }

  #close(): void {
    if (this.#open === null) return;
    this.#open = null;
    this.#cancelTrial();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    this.#saidAt = Number.NEGATIVE_INFINITY;
    this.#listener.back(waiting.length);
    for (const key of waiting) this.#listener.wake(key);
  }
}

/** The circuits of this process, by the key of the organization. */
export class VaultCircuits {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #circuits = new Map<string, VaultCircuit>();
  #wake: (key: string) => void = () => {};

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
  }

  /** `wake` runs a binding that waited. */
  onWake(wake: (key: string) => void): void {
    this.#wake = wake;
  }

  of(organization: string): VaultCircuit {
    const known = this.#circuits.get(organization);
    if (known !== undefined) return known;
    const made = new VaultCircuit(this.#clock, {
      wake: (key) => this.#wake(key),
      away: (reason, waiting) =>
        this.#log.warn({ organization, reason, waiting }, 'the vault does not answer; bindings wait for it'),
      back: (waiting) => this.#log.info({ organization, waiting }, 'the vault answers again; bindings go on'),
    });
    this.#circuits.set(organization, made);
    return made;
  }

  /** The vault of this organization answered something. */
  answered(organization: string): void {
    this.#circuits.get(organization)?.answered();
  }

  /** The binding is gone. */
  forget(key: string): void {
    for (const circuit of this.#circuits.values()) circuit.forget(key);
  }
}
