/**
 * What the machine plane leaves behind before an answer goes out: the nonce, the versions handed out, and
 * the reads, which enter the audit chain in blocks, one entry a block (A3). While one group is being
 * committed the next gathers, so a burst costs few commits and a single request waits for nobody.
 */
import { TIMESTAMP_TOLERANCE } from '../../protocol/signing.ts';
import type { VaultContext } from '../domain/context.ts';
import type { GrantedSecret, KnownMachine } from './directory.ts';
import { MachineRefusal } from './refusal.ts';

type Db = Parameters<Parameters<VaultContext['bookkeep']>[0]>[0];

export interface Served {
  readonly machine: Pick<KnownMachine, 'id' | 'name' | 'vaultId'>;
  readonly nonce: string;
  readonly source: string;
  /** Method and route, as the audit log shows it. */
  readonly call: string;
  readonly read: readonly GrantedSecret[];
  readonly met: readonly GrantedSecret[];
}

interface Waiting {
  readonly served: Served;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Requests in one group: what one transaction should hold the writer for. */
const LARGEST_GROUP = 500;
/** SQLite takes 32,766 parameters a statement; a row here has three. */
const ROWS = 5000;

export class ServedLog {
  readonly #context: Pick<VaultContext, 'act' | 'bookkeep' | 'clock'>;
  /** By vault: the groups of one vault follow each other, those of two do not wait for one another. */
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(context: Pick<VaultContext, 'act' | 'bookkeep' | 'clock'>) {
    this.#context = context;
  }

  /**
   * Resolves once the group with this request was committed: only then may the answer leave.
   * Throws MachineRefusal `ReplayedNonce` where the nonce is in the store already.
   */
  commit(served: Served): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { vaultId } = served.machine;
    const waiting = this.#waiting.get(vaultId);
    if (waiting === undefined) {
      this.#waiting.set(vaultId, [{ served, resolve, reject }]);
      void this.#drain(vaultId);
    } else waiting.push({ served, resolve, reject });
    return promise;
  }

  async #drain(vaultId: string): Promise<void> {
    // Requests that came with this one are parsed in the same turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    const waiting = this.#waiting.get(vaultId) ?? [];
    while (waiting.length > 0) {
      const group = waiting.splice(0, LARGEST_GROUP);
      try {
        const fresh = await this.#store(
          vaultId,
          group.map(({ served }) => served),
        );
        for (const { served, resolve, reject } of group) {
          if (fresh.has(served)) resolve();
          else reject(new MachineRefusal('ReplayedNonce'));
        }
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#waiting.delete(vaultId);
  }

  /** Stores a group; answers the requests whose nonce was new. */
  async #store(vaultId: string, group: readonly Served[]): Promise<ReadonlySet<Served>> {
    const now = this.#context.clock.now();
    const isRead = group.some(({ read }) => read.length > 0);
    const remember = async (db: Db): Promise<Set<Served>> => {
      const fresh = await storeNonces(db, group, now);
      await storeVersions(db, [...fresh]);
      return fresh;
    };
    if (!isRead) return this.#context.bookkeep(remember);
    return this.#context.act(vaultId, { type: 'system' }, async (act) => {
      const fresh = await remember(act.db);
      const reads = [...fresh].filter(({ read }) => read.length > 0);
      if (reads.length > 0) {
        await act.auditOnly(
          {
            action: 'secrets.read',
            subject: { kind: 'Vault', key: vaultId },
            details: {
              reads: reads.map(({ machine, source, call, read }) => ({
                machine: machine.id,
                name: machine.name,
                source,
                call,
                secrets: read.map(({ id, version }) => ({ id, version })),
              })),
            },
          },
          'none',
        );
      }
      return fresh;
    });
  }
}

async function storeNonces(db: Db, group: readonly Served[], now: number): Promise<Set<Served>> {
  const stored = await db
    .insertInto('nonces')
    .values(
      group.map(({ machine, nonce }) => ({
        subject: subjectOf(machine.id),
        nonce,
        // A timestamp may be this far ahead, and passes until it is this far behind.
        expires_at: now + 2 * TIMESTAMP_TOLERANCE * 1000,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returning(['subject', 'nonce'])
    .execute();
  const fresh = new Set(stored.map(({ subject, nonce }) => `${subject} ${nonce}`));
  return new Set(group.filter(({ machine, nonce }) => fresh.delete(`${subjectOf(machine.id)} ${nonce}`)));
}

function subjectOf(machineId: string): string {
  return `machine:${machineId}`;
}

/** What was read is remembered as handed out; what a poll met for the first time only if nothing is. */
async function storeVersions(db: Db, group: readonly Served[]): Promise<void> {
  const read = new Map<string, { machine_id: string; secret_id: string; version: number }>();
  const met = new Map(read);
  for (const served of group) {
    const row = ({ id, version }: GrantedSecret) =>
      [`${served.machine.id} ${id}`, { machine_id: served.machine.id, secret_id: id, version }] as const;
    for (const secret of served.read) read.set(...row(secret));
    for (const secret of served.met) met.set(...row(secret));
  }
  for (const rows of inChunks([...read.values()])) {
    await db
      .insertInto('machine_polls')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(['machine_id', 'secret_id'])
          .doUpdateSet(({ ref }) => ({ version: ref('excluded.version') })),
      )
      .execute();
  }
  for (const rows of inChunks([...met.values()])) {
    await db
      .insertInto('machine_polls')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['machine_id', 'secret_id']).doNothing())
      .execute();
  }
}

function* inChunks<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < rows.length; start += ROWS) yield rows.slice(start, start + ROWS);
}
