/**
 * When each machine key was last used. Kept in memory and written now and then, outside revision and audit:
 * a request must not wait for it, and an idle key is told by hours.
 */
import type { VaultContext } from '../act/context.ts';
import { byText } from '../common/scope.ts';

interface Use {
  readonly vaultId: string;
  readonly fingerprint: string;
  at: number;
}

export class KeyUse {
  readonly #context: Pick<VaultContext, 'bookkeep'>;
  #uses = new Map<string, Use>();

  constructor(context: Pick<VaultContext, 'bookkeep'>) {
    this.#context = context;
  }

  used(vaultId: string, fingerprint: string, at: number): void {
    const key = `${vaultId} ${fingerprint}`;
    const use = this.#uses.get(key);
    if (use === undefined) this.#uses.set(key, { vaultId, fingerprint, at });
    else use.at = at;
  }

  /** Writes what was noted since the last time. */
  async flush(): Promise<void> {
    if (this.#uses.size === 0) return;
    // In one order, so that two replicas do not wait for each other.
    const uses = [...this.#uses].sort(([a], [b]) => byText(a, b)).map(([, use]) => use);
    this.#uses = new Map();
    await this.#context.bookkeep(async (db) => {
      for (const { vaultId, fingerprint, at } of uses) {
        await db
          .updateTable('machine_keys')
          .set({ last_used_at: at })
          .where('vault_id', '=', vaultId)
          .where('fingerprint', '=', fingerprint)
          // Another replica may have seen it used later.
          .where((is) => is.or([is('last_used_at', 'is', null), is('last_used_at', '<', at)]))
          .execute();
      }
    });
  }
}
