/** Wakes long polls of this process when something moved in a vault; other replicas say so too. */
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

  /** Null: in any vault. */
  raise(vaultId: string | null): void {
    const ids = vaultId === null ? [...this.#waiting.keys()] : [vaultId];
    for (const id of ids) for (const wake of [...(this.#waiting.get(id) ?? [])]) wake();
  }
}
