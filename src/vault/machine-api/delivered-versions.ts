/**
 * The version of each secret that each machine was handed out last, from whatever address: what none of its replicas
 * read is told to all of them, and what none ever read to nobody.
 */
import type { VaultContext } from '../act/context.ts';
import { inChunks } from '../store/chunks.ts';

type Db = Parameters<Parameters<VaultContext['bookkeep']>[0]>[0];

/** A secret with the version that a machine was handed out, or observed in a poll. */
export interface DeliveredVersion {
  readonly machine_id: string;
  readonly secret_id: string;
  readonly version: number;
}

/** Pairs whose stored version is known without a look; a machine and a secret are never of another vault. */
const KNOWN = 50_000;

export class DeliveredVersions {
  /** What lies in the database by machine and secret. Null: other replicas write there too. */
  readonly #known: Map<string, number> | null;

  constructor({ hasReplicas }: Pick<VaultContext, 'hasReplicas'>) {
    this.#known = hasReplicas ? null : new Map();
  }

  /**
   * What was read is remembered as handed out; what a poll observed for the first time only if nothing is. What is there
   * already is not written again: machines read the same version all the time. Call `committed` with the same after
   * the commit.
   */
  async store(
    db: Db,
    read: readonly DeliveredVersion[],
    observed: readonly DeliveredVersion[],
  ): Promise<void> {
    const changed = read.filter((row) => this.#known?.get(pairOf(row)) !== row.version);
    for (const rows of inChunks(newest(changed))) {
      await db
        .insertInto('machine_polls')
        .values(rows.map((row) => ({ ...row, is_read: 1 as const })))
        .onConflict((conflict) =>
          conflict
            .columns(['machine_id', 'secret_id'])
            .doUpdateSet(({ ref }) => ({ version: ref('excluded.version'), is_read: 1 })),
        )
        .execute();
    }
    const unknown = observed.filter((row) => this.#known?.has(pairOf(row)) !== true);
    for (const rows of inChunks(newest(unknown))) {
      await db
        .insertInto('machine_polls')
        .values(rows.map((row) => ({ ...row, is_read: 0 as const })))
        .onConflict((conflict) => conflict.columns(['machine_id', 'secret_id']).doNothing())
        .execute();
    }
  }

  committed(read: readonly DeliveredVersion[]): void {
    if (this.#known === null) return;
    if (this.#known.size + read.length > KNOWN) this.#known.clear();
    for (const row of read) this.#known.set(pairOf(row), row.version);
  }
}

function pairOf({ machine_id, secret_id }: DeliveredVersion): string {
  return `${machine_id} ${secret_id}`;
}

/** One a pair, the last one: a statement may not change a row twice. */
function newest(rows: readonly DeliveredVersion[]): DeliveredVersion[] {
  return [...new Map(rows.map((row) => [pairOf(row), row])).values()];
}
