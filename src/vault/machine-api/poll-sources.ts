/**
 * The memories of polls of each machine by source address: in the database, and here for as long as the machine asks.
 * Where no other server writes, what is here counts, and is written when it moved; a crash in between tells once more.
 * Replicas look anew at each poll; between polls they take what they saw for a while, which again tells once more.
 */
import type { Kysely } from 'kysely';
import type { VaultContext } from '../act/context.ts';
import { inChunks } from '../store/chunks.ts';
import type { Database, PollSourceTable } from '../store/schema.ts';
import {
  answered,
  CLOSE,
  type CurrentVersion,
  forgotten,
  isRegular,
  MOST_READS,
  MOST_SOURCES,
  type PollDecision,
  type PollQuestion,
  polled,
  read,
  type SettledVersion,
  type SourceMemory,
} from './poll-memory.ts';

type Db = Kysely<Database>;
type Source = { readonly machineId: string; readonly source: string };
/** A read of a secret from a source. */
export type SourceRead = Source & { readonly secret: Omit<CurrentVersion, 'movedAt'> };

interface Sources {
  readonly memories: Map<string, SourceMemory>;
  /** As they lie in the database. */
  readonly stored: Map<string, SourceMemory>;
  readonly loadedAt: number;
}

/** Machines that poll, whose sources are here; beyond it the one that asked first is looked up again. */
const MACHINES = 10_000;
/** Sources that read and did not poll yet. */
const READERS = 4_000;
/** How long replicas take what they saw. */
const SEEN_FOR = 10_000;
/** How old the times of polls in the database may be. */
const TIMES = 10 * 60_000;

export class PollSources {
  readonly #context: Pick<VaultContext, 'reader' | 'hasReplicas' | 'bookkeep'>;
  readonly #machines = new Map<string, Sources>();
  /** What sources read before their first poll, by machine and source. */
  readonly #readers = new Map<string, Map<string, SettledVersion>>();
  /** The machines with sources in the database; null: not looked at yet. Of no use where replicas write there too. */
  #pollers: Promise<Set<string>> | null = null;

  constructor(context: Pick<VaultContext, 'reader' | 'hasReplicas' | 'bookkeep'>) {
    this.#context = context;
  }

  /** Has the sources of these machines here, as far as they must be known. */
  async load(machineIds: Iterable<string>, now: number): Promise<void> {
    const missing = [...new Set(machineIds)].filter((id) => !this.#isHere(id, now));
    if (missing.length > 0) await this.#lookUp(missing, now);
  }

  /** Whether the source is one that polls again and again. Its machine is loaded. */
  isRegular({ machineId, source }: Source, now: number): boolean {
    const memory = this.#machines.get(machineId)?.memories.get(source);
    return memory !== undefined && isRegular(memory, now);
  }

  /** A poll comes that will be answered. */
  async polled({ machineId, source }: Source, now: number): Promise<void> {
    if (this.#context.hasReplicas) await this.#polledHereOrThere({ machineId, source }, now);
    else await this.load([machineId], now);
    const { memories } = this.#of(machineId, now);
    const reader = nameOf({ machineId, source });
    // Where sources were forgotten this may be one of them, and one of several pollers may have read what another lacks.
    const reads = memories.size < MOST_SOURCES ? this.#readers.get(reader) : undefined;
    this.#readers.delete(reader);
    const known = memories.get(source);
    if (known === undefined || !this.#context.hasReplicas) memories.set(source, polled(known, now, reads));
    for (const other of forgotten(memories, source, now)) memories.delete(other);
  }

  /** What the poll that came last is told. What is remembered of it is here, and not stored yet. */
  decide<Secret extends CurrentVersion>(
    { machineId, source }: Source,
    question: PollQuestion<Secret>,
  ): PollDecision<Secret> {
    const { memories } = this.#of(machineId, question.now);
    const decision = answered(memories.get(source) ?? polled(undefined, question.now), question);
    if (memories.has(source)) memories.set(source, decision.memory);
    return decision;
  }

  /** Whether what is remembered of these sources is not as it lies in the database. */
  hasMoved(sources: readonly Source[]): boolean {
    return sources.some(({ machineId, source }) => {
      const here = this.#machines.get(machineId);
      if (here === undefined) return false;
      return hasMoved(here.memories.get(source), here.stored.get(source)) || leftOver(here).length > 0;
    });
  }

  /**
   * Stores what moved of the sources that polled, and of those that read, once their reads count. Writes nothing where
   * nothing moved. Call `committed` with the answer after the commit.
   */
  async store(
    db: Db,
    polls: readonly Source[],
    reads: readonly SourceRead[],
    now: number,
  ): Promise<StoredSources> {
    const rows = new Map<string, Source & { readonly memory: SourceMemory }>();
    const gone = new Map<string, Source>();
    for (const { machineId, source } of polls) {
      const here = this.#machines.get(machineId);
      if (here === undefined) continue;
      const memory = here.memories.get(source);
      if (memory !== undefined && hasMoved(memory, here.stored.get(source))) {
        rows.set(nameOf({ machineId, source }), { machineId, source, memory });
      }
      for (const other of leftOver(here)) {
        gone.set(nameOf({ machineId, source: other }), { machineId, source: other });
      }
    }
    for (const { machineId, source, secret } of reads) {
      const name = nameOf({ machineId, source });
      const before = rows.get(name)?.memory ?? this.#machines.get(machineId)?.memories.get(source);
      if (before === undefined) continue;
      const memory = read(before, secret, now);
      if (memory !== before) rows.set(name, { machineId, source, memory });
    }
    await this.#upsert(db, [...rows.values()]);
    for (const { machineId, source } of gone.values()) {
      await db
        .deleteFrom('poll_sources')
        .where('machine_id', '=', machineId)
        .where('source', '=', source)
        .execute();
    }
    return { rows: [...rows.values()], gone: [...gone.values()], reads };
  }

  /** What was stored was committed. Reads count from now on: not before their values may leave. */
  committed({ rows, gone, reads }: StoredSources, now: number): void {
    for (const { machineId, source, memory } of rows) {
      this.#machines.get(machineId)?.stored.set(source, memory);
      void this.#pollers?.then((pollers) => pollers.add(machineId));
    }
    for (const { machineId, source } of gone) this.#machines.get(machineId)?.stored.delete(source);
    for (const { machineId, source, secret } of reads) {
      const memories = this.#machines.get(machineId)?.memories;
      const memory = memories?.get(source);
      if (memory === undefined) this.#remember({ machineId, source }, secret, now);
      else memories?.set(source, read(memory, secret, now));
    }
  }

  #remember(source: Source, { id, version, moved }: SourceRead['secret'], now: number): void {
    const name = nameOf(source);
    const reads = this.#readers.get(name) ?? new Map<string, SettledVersion>();
    const known = reads.get(id);
    if (known === undefined ? reads.size >= MOST_READS : known.version >= version) return;
    reads.set(id, { version, moved, at: now });
    this.#readers.delete(name);
    this.#readers.set(name, reads);
    if (this.#readers.size > READERS) {
      const oldest = this.#readers.keys().next();
      if (!oldest.done) this.#readers.delete(oldest.value);
    }
  }

  #isHere(machineId: string, now: number): boolean {
    const here = this.#machines.get(machineId);
    return here !== undefined && (!this.#context.hasReplicas || Math.abs(now - here.loadedAt) < SEEN_FOR);
  }

  #of(machineId: string, now: number): Sources {
    const here = this.#machines.get(machineId);
    if (here !== undefined) return here;
    const none: Sources = { memories: new Map(), stored: new Map(), loadedAt: now };
    this.#keep(machineId, none);
    return none;
  }

  #keep(machineId: string, sources: Sources): void {
    this.#machines.delete(machineId);
    this.#machines.set(machineId, sources);
    if (this.#machines.size > MACHINES) {
      const oldest = this.#machines.keys().next();
      if (!oldest.done) this.#machines.delete(oldest.value);
    }
  }

  async #lookUp(machineIds: readonly string[], now: number, isAnew = false): Promise<void> {
    const wanted = this.#context.hasReplicas ? machineIds : await this.#thatPoll(machineIds);
    for (const ids of inChunks(wanted)) {
      const rows = await this.#context.reader
        .selectFrom('poll_sources')
        .selectAll()
        .where('machine_id', 'in', ids)
        .execute();
      const byMachine = Map.groupBy(rows, ({ machine_id }) => machine_id);
      for (const id of ids) {
        // Another request may have looked meanwhile, and what is here since counts.
        if (!isAnew && this.#isHere(id, now)) continue;
        const stored = new Map((byMachine.get(id) ?? []).map((row) => [row.source, memoryOf(row)]));
        this.#keep(id, { memories: new Map(stored), stored, loadedAt: now });
      }
    }
  }

  /** Most machines never poll, and need not be looked up. */
  async #thatPoll(machineIds: readonly string[]): Promise<readonly string[]> {
    this.#pollers ??= this.#allThatPoll();
    const pollers = await this.#pollers;
    return machineIds.filter((id) => pollers.has(id));
  }

  async #allThatPoll(): Promise<Set<string>> {
    try {
      const rows = await this.#context.reader
        .selectFrom('poll_sources')
        .select('machine_id')
        .distinct()
        .execute();
      return new Set(rows.map(({ machine_id }) => machine_id));
    } catch (error) {
      // Looked up anew by the next one.
      this.#pollers = null;
      throw error;
    }
  }

  /** Where replicas poll: one statement knows which of two polls came second. */
  async #polledHereOrThere({ machineId, source }: Source, now: number): Promise<void> {
    await this.#context.bookkeep((db) =>
      db
        .updateTable('poll_sources')
        .set(({ eb, ref }) => ({
          last_at: now,
          shared_at: eb
            .case()
            .when('last_at', '>', now - CLOSE)
            .then(now)
            .else(ref('shared_at'))
            .end(),
        }))
        .where('machine_id', '=', machineId)
        .where('source', '=', source)
        .execute(),
    );
    await this.#lookUp([machineId], now, true);
  }

  async #upsert(db: Db, rows: readonly (Source & { readonly memory: SourceMemory })[]): Promise<void> {
    const { hasReplicas } = this.#context;
    for (const chunk of inChunks(rows)) {
      await db
        .insertInto('poll_sources')
        .values(chunk.map(rowOf))
        .onConflict((conflict) =>
          conflict.columns(['machine_id', 'source']).doUpdateSet(({ ref }) => ({
            revision: ref('excluded.revision'),
            reads: ref('excluded.reads'),
            // Of replicas, the one where the poll came wrote them.
            ...(hasReplicas
              ? {}
              : { last_at: ref('excluded.last_at'), shared_at: ref('excluded.shared_at') }),
          })),
        )
        .execute();
    }
  }
}

export interface StoredSources {
  readonly rows: readonly (Source & { readonly memory: SourceMemory })[];
  readonly gone: readonly Source[];
  readonly reads: readonly SourceRead[];
}

function nameOf({ machineId, source }: Source): string {
  return `${machineId} ${source}`;
}

function leftOver({ memories, stored }: Sources): string[] {
  if (stored.size < MOST_SOURCES) return [];
  return [...stored.keys()].filter((source) => !memories.has(source));
}

/** Times alone are written now and then: they tell after a restart who came lately. */
function hasMoved(memory: SourceMemory | undefined, stored: SourceMemory | undefined): boolean {
  if (memory === undefined) return false;
  if (stored === undefined) return true;
  return (
    memory.revision !== stored.revision ||
    memory.reads !== stored.reads ||
    Math.abs(memory.lastAt - stored.lastAt) >= TIMES ||
    (memory.sharedAt ?? 0) - (stored.sharedAt ?? 0) >= TIMES
  );
}

function memoryOf(row: PollSourceTable): SourceMemory {
  return {
    revision: row.revision,
    reads: new Map(
      (JSON.parse(row.reads) as [string, number, number, number | null][]).map(
        ([id, version, moved, at]): [string, SettledVersion] => [id, { version, moved, at }],
      ),
    ),
    firstAt: row.first_at,
    lastAt: row.last_at,
    sharedAt: row.shared_at,
  };
}

function rowOf({ machineId, source, memory }: Source & { readonly memory: SourceMemory }): PollSourceTable {
  return {
    machine_id: machineId,
    source,
    revision: memory.revision,
    reads: JSON.stringify([...memory.reads].map(([id, { version, moved, at }]) => [id, version, moved, at])),
    first_at: memory.firstAt,
    last_at: memory.lastAt,
    shared_at: memory.sharedAt,
  };
}
