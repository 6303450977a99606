/** Wakes long polls of this process when something moved in a vault, or about an account; other replicas say so too. */
export class MoveSignal {
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Resolves when what has the id moved, the milliseconds are over, or the signal aborts; never rejects. */
  wait(id: string, milliseconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiting);
    const wake = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      waiting.delete(wake);
      if (waiting.size === 0 && this.#waiting.get(id) === waiting) this.#waiting.delete(id);
      resolve();
    };
    const timer = setTimeout(wake, milliseconds);
    signal.addEventListener('abort', wake);
    waiting.add(wake);
    return promise;
  }

  /** Null: everything. */
  raise(id: string | null): void {
    const ids = id === null ? [...this.#waiting.keys()] : [id];
    for (const one of ids) for (const wake of [...(this.#waiting.get(one) ?? [])]) wake();
  }
}
