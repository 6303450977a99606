/**
 * When and from where each machine key was used last. Kept in memory and written now and then, outside revision and audit:
 * a request must not wait for it. Whoever decides by it asks here what is not written yet.
 */
import type { KeyUse as Use } from '#model/key-ends.ts';
import type { KeyUses, VaultContext } from '../act/context.ts';
import { byText } from '../common/scope.ts';

interface Noted {
  readonly vaultId: string;
  readonly fingerprint: string;
  at: number;
  from: string;
}

export class KeyUse implements KeyUses {
  readonly #context: Pick<VaultContext, 'bookkeep'>;
  #uses = new Map<string, Noted>();
  /** On their way into the database. */
  #leaving: ReadonlyMap<string, Noted> = new Map();

  constructor(context: Pick<VaultContext, 'bookkeep'>) {
    this.#context = context;
  }

  used(vaultId: string, fingerprint: string, at: number, from: string): void {
    const key = keyOf(vaultId, fingerprint);
    const use = this.#uses.get(key);
    if (use === undefined) this.#uses.set(key, { vaultId, fingerprint, at, from });
    else if (use.at <= at) Object.assign(use, { at, from });
  }

  lastOf(vaultId: string, fingerprint: string, stored: Use): Use {
    const key = keyOf(vaultId, fingerprint);
    const noted = this.#uses.get(key) ?? this.#leaving.get(key);
    if (noted === undefined || (stored.lastUsedAt ?? 0) > noted.at) return stored;
    return { lastUsedAt: noted.at, lastUsedFrom: noted.from };
  }

  /** Writes what was noted since the last time; what could not be written is tried the next time. */
  async flush(): Promise<void> {
    if (this.#uses.size === 0) return;
    const noted = this.#uses;
    this.#leaving = noted;
    this.#uses = new Map();
    try {
      await this.#context.bookkeep(async (db) => {
        // In one order, so that two replicas do not wait for each other.
        for (const [, { vaultId, fingerprint, at, from }] of [...noted].sort(([a], [b]) => byText(a, b))) {
          await db
            .updateTable('machine_keys')
            .set({ last_used_at: at, last_used_from: from })
            .where('vault_id', '=', vaultId)
            .where('fingerprint', '=', fingerprint)
            // Another replica may have seen it used later.
            .where((is) => is.or([is('last_used_at', 'is', null), is('last_used_at', '<', at)]))
            .execute();
        }
      });
    } catch (error) {
      for (const { vaultId, fingerprint, at, from } of noted.values())
        this.used(vaultId, fingerprint, at, from);
      throw error;
    } finally {
      this.#leaving = new Map();
    }
  }
}

function keyOf(vaultId: string, fingerprint: string): string {
  return `${vaultId} ${fingerprint}`;
}
