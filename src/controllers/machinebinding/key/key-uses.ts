/** When keys were used last: what many bindings ask in one moment goes to the vault in one request. */
import type { Clock } from '#kube/kube.ts';
import type { KeyUse } from '#model/key-ends.ts';
import type { Provider } from '#provider/provider.ts';

type UseReader = Pick<Provider, 'keyUse'>;

/** How long a question waits for others, in milliseconds. */
const LINGER = 40;
/** How long an answer counts, in milliseconds: a binding is looked at again for each value that changes. */
const FRESH = 60_000;
/** Answers that are kept; beyond it all are forgotten. */
const KEPT = 10_000;

interface Asked {
  readonly uses: Promise<ReadonlyMap<string, KeyUse>>;
  readonly at: number;
}

interface Gathering {
  readonly fingerprints: Set<string>;
  readonly uses: Promise<ReadonlyMap<string, KeyUse>>;
}

export class KeyUses {
  readonly #clock: Clock;
  readonly #signal: () => AbortSignal;
  readonly #gathering = new WeakMap<UseReader, Gathering>();
  readonly #asked = new WeakMap<UseReader, Map<string, Asked>>();

  /** `signal`: of whoever leads now, because many passes share a request. */
  constructor(clock: Clock, signal: () => AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
  }

  /**
   * The last use of each, by fingerprint. Where the vault does not answer none is known, and the keys count as unused since
   * they came; the vault looks again before it ends one. Rejects only where the pass is aborted.
   */
  async of(
    vault: UseReader,
    fingerprints: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, KeyUse>> {
    const asked = this.#asked.get(vault) ?? new Map<string, Asked>();
    this.#asked.set(vault, asked);
    if (asked.size > KEPT) asked.clear();
    const now = this.#clock.now();
    const questions = fingerprints.map((fingerprint) => {
      const before = asked.get(fingerprint);
      if (before !== undefined && Math.abs(now - before.at) < FRESH)
        return { fingerprint, uses: before.uses };
      const { uses } = this.#ask(vault, fingerprint);
      asked.set(fingerprint, { uses, at: now });
      return { fingerprint, uses };
    });
    const known = new Map<string, KeyUse>();
    for (const { fingerprint, uses } of questions) {
      try {
        const use = (await uses).get(fingerprint);
        if (use !== undefined) known.set(fingerprint, use);
      } catch {
        asked.delete(fingerprint);
        signal.throwIfAborted();
      }
    }
    return known;
  }

  #ask(vault: UseReader, fingerprint: string): Gathering {
    const open = this.#gathering.get(vault);
    if (open !== undefined) {
      open.fingerprints.add(fingerprint);
      return open;
    }
    const fingerprints = new Set([fingerprint]);
    const uses = new Promise<void>((resolve) => this.#clock.after(LINGER, resolve)).then(() => {
      this.#gathering.delete(vault);
      return vault.keyUse([...fingerprints], this.#signal());
    });
    const gathering = { fingerprints, uses };
    this.#gathering.set(vault, gathering);
    return gathering;
  }
}
