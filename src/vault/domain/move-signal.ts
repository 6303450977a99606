/** Wakes long polls of this process when something moved in a vault. */
export class MoveSignal {
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Resolves when the vault moved, the milliseconds are over, or the signal aborts; never rejects. */
  wait(vaultId: string, milliseconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(vaultId) ?? new Set();
    this.#waiting.set(vaultId, waiting);
    const wake = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      waiting.delete(wake);
      if (waiting.size === 0 && this.#waiting.get(vaultId) === waiting) this.#waiting.delete(vaultId);
      resolve();
    };
    const timer = setTimeout(wake, milliseconds);
    signal.addEventListener('abort', wake);
    waiting.add(wake);
    return promise;
  }

  raise(vaultId: string): void {
    for (const wake of [...(this.#waiting.get(vaultId) ?? [])]) wake();
  }
}
