/** Reads out of blocks of the audit log: who read what from where, how often. Pure; for the vault, and for who reads the log. */
import { canonicalJson } from '#model/digest.ts';
import { compareText } from '#model/text-order.ts';
import type { TracedRead, TraceRequest } from './management.ts';

/** Actions of blocks of reads: told as reads, never as entries. */
export const READS = ['secrets.read', 'secrets.synced-for-machine'];

/** An entry of one of `READS`. */
export interface ReadBlock {
  readonly action: string;
  readonly at: number;
  readonly actor: { readonly id: string | null };
  readonly details: { readonly reads?: unknown };
}

type Reads = readonly {
  /** Where automation read for several; else the actor is who read. */
  readonly machine?: string;
  readonly source?: string;
  readonly secrets: readonly { readonly id: string }[];
}[];

/** What was read of some secrets, or by some machines; ids. */
export class ReadsFound {
  readonly #secrets: ReadonlySet<string>;
  readonly #machines: ReadonlySet<string>;
  readonly #found = new Map<string, TracedRead>();

  constructor({ secrets, machines }: Pick<NonNullable<TraceRequest['reads']>, 'secrets' | 'machines'>) {
    this.#secrets = new Set(secrets);
    this.#machines = new Set(machines);
  }

  add({ action, at, actor, details }: ReadBlock): void {
    const by = action === 'secrets.read' ? 'Machine' : 'Sync';
    for (const { machine = actor.id ?? '', source = null, secrets } of (details.reads ?? []) as Reads) {
      for (const { id: secret } of secrets) {
        if (!this.#secrets.has(secret) && !this.#machines.has(machine)) continue;
        const key = canonicalJson([secret, machine, source, by]);
        const before = this.#found.get(key);
        this.#found.set(key, {
          ...{ machine, secret, source, by },
          times: (before?.times ?? 0) + 1,
          first: Math.min(at, before?.first ?? at),
          last: Math.max(at, before?.last ?? at),
        });
      }
    }
  }

  /** Sorted by secret, machine, address. */
  get sorted(): TracedRead[] {
    return [...this.#found].sort(([a], [b]) => compareText(a, b)).map(([, read]) => read);
  }
}
