/**
 * What the machine plane leaves behind before an answer goes out: the nonce, the versions handed out, and
 * the reads, which enter the audit chain in blocks, one entry a machine and block (A3). While one group is being
 * committed the next gathers, so a burst costs few commits; a machine that reads alone waits for nobody.
 *
 * Decides A3: that a value leaves after its entry is committed, and reads enter in blocks.
 */

import { TIMESTAMP_TOLERANCE } from '#protocol/signing.ts';
import type { Act, AuditRecord, MachineEntry, VaultContext } from '../act/context.ts';
import { countReads } from '../secrets/metering.ts';
import { type Admission, admitAgain, type PendingRead, type Present } from './admission.ts';
import type { KeptBack } from './calls.ts';
import { type DeliveredVersion, DeliveredVersions } from './delivered-versions.ts';
import type { GrantedSecret } from './directory.ts';
import type { PollSources, SourceRead, StoredSources } from './poll-sources.ts';
import { MachineRefusal } from './refusal.ts';

type Db = Parameters<Parameters<VaultContext['bookkeep']>[0]>[0];

/** The secrets whose values are kept back from the answer to one request, by id. */
type Kept = ReadonlyMap<string, KeptBack>;

const NOTHING: Kept = new Map();

interface Waiting {
  readonly pending: PendingRead;
  readonly resolve: (kept: Kept) => void;
  readonly reject: (error: unknown) => void;
}

/** Requests in one group: what one transaction should hold the writer for. */
const LARGEST_GROUP = 500;
/** Milliseconds between the groups of a vault that several machines ask of: half as many commits at half load. */
const SPACING = 3;

interface Group {
  /** `performance.now()` at its beginning. */
  readonly at: number;
  /** The one machine that it was of; null: of several. */
  readonly machine: string | null;
}

export class CommittedReads {
  readonly #context: Pick<VaultContext, 'act' | 'bookkeep' | 'bookkeepIn' | 'clock'>;
  readonly #present: Present;
  readonly #deliveredVersions: DeliveredVersions;
  readonly #polls: PollSources;
  /** By vault: the groups of one vault follow each other, those of two do not wait for one another. */
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #last = new Map<string, Group>();

  constructor(
    context: Pick<VaultContext, 'act' | 'bookkeep' | 'bookkeepIn' | 'clock' | 'hasReplicas'>,
    present: Present,
    polls: PollSources,
  ) {
    this.#context = context;
    this.#present = present;
    this.#deliveredVersions = new DeliveredVersions(context);
    this.#polls = polls;
  }

  /**
   * Resolves once the group with this request was committed: only then may the answer leave, without the values
   * that are kept back. Throws MachineRefusal `ReplayedNonce` where the nonce is in the store already, and what a
   * machine is refused that was cut off since its request was admitted.
   */
  commit(pending: PendingRead): Promise<Kept> {
    const { promise, resolve, reject } = Promise.withResolvers<Kept>();
    const { vaultId } = pending.machine;
    const waiting = this.#waiting.get(vaultId);
    if (waiting === undefined) {
      this.#waiting.set(vaultId, [{ pending, resolve, reject }]);
      void this.#drain(vaultId);
    } else waiting.push({ pending, resolve, reject });
    return promise;
  }

  async #drain(vaultId: string): Promise<void> {
    // Requests that came with this one are parsed in the same turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    const waiting = this.#waiting.get(vaultId) ?? [];
    await spaced(this.#last.get(vaultId), groupOf(waiting));
    while (waiting.length > 0) {
      const group = waiting.splice(0, LARGEST_GROUP);
      this.#last.set(vaultId, groupOf(group));
      try {
        const outcomes = await this.#store(
          vaultId,
          group.map(({ pending }) => pending),
        );
        for (const { pending, resolve, reject } of group) {
          const outcome = outcomes.get(pending) ?? new MachineRefusal('ReplayedNonce');
          if (outcome instanceof MachineRefusal) reject(outcome);
          else resolve(outcome);
        }
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#waiting.delete(vaultId);
  }

  /** Stores a group; answers the requests whose nonce was new, with what is kept back from each, or its refusal. */
  async #store(vaultId: string, group: readonly PendingRead[]): Promise<Outcomes> {
    const now = this.#context.clock.now();
    const isAudited = group.some(({ read, refused }) => read.length > 0 || refused.length > 0);
    if (!isAudited) return this.#storeUnread(vaultId, group, now);
    await this.#polls.load(
      group.map(({ machine }) => machine.id),
      now,
    );
    let read: readonly DeliveredVersion[] = [];
    let stored: StoredSources | null = null;
    const answers = await this.#context.act(vaultId, { type: 'system' }, async (act) => {
      const fresh = await storeNonces(act.db, group, now);
      const judged = await admitAgain(this.#present, fresh, act.vault.revision, now);
      const left = leftIn(judged);
      const kept = await metered(act.db, left, now);
      read = handed(left, (pending) => readBy(pending, kept.get(pending)));
      await this.#deliveredVersions.store(act.db, read, observedBy(left));
      stored = await this.#polls.store(act.db, pollsOf(left), sourceReads(left, kept), now);
      await act.auditMachines(machineEntries(act, left, kept));
      return outcomesOf(judged, kept);
    });
    this.#deliveredVersions.committed(read);
    if (stored !== null) this.#polls.committed(stored, now);
    return answers;
  }

  /** A group in which no value leaves. Only what is remembered of machines and secrets needs them to be there still. */
  async #storeUnread(vaultId: string, group: readonly PendingRead[], now: number): Promise<Outcomes> {
    if (group.every(({ observed }) => observed.length === 0) && !this.#polls.hasMoved(pollsOf(group))) {
      return this.#context.bookkeep(async (db) => {
        const fresh = await storeNonces(db, group, now);
        return new Map(fresh.map((pending) => [pending, NOTHING]));
      });
    }
    const { outcomes, stored } = await this.#context.bookkeepIn(vaultId, async (db, vault) => {
      const fresh = await storeNonces(db, group, now);
      const judged = await admitAgain(this.#present, fresh, vault?.revision, now);
      const left = leftIn(judged);
      await this.#deliveredVersions.store(db, [], observedBy(left));
      const stored = await this.#polls.store(db, pollsOf(left), [], now);
      return { outcomes: outcomesOf(judged, new Map()), stored };
    });
    this.#polls.committed(stored, now);
    return outcomes;
  }
}

type Outcomes = ReadonlyMap<PendingRead, Kept | MachineRefusal>;

function leftIn(judged: readonly Admission[]): PendingRead[] {
  return judged.flatMap(({ left }) => (left instanceof MachineRefusal ? [] : left));
}

function outcomesOf(judged: readonly Admission[], kept: ReadonlyMap<PendingRead, Kept>): Outcomes {
  return new Map(
    judged.map(({ asked, left }) => [
      asked,
      left instanceof MachineRefusal ? left : (kept.get(left) ?? NOTHING),
    ]),
  );
}

function observedBy(group: readonly PendingRead[]): readonly DeliveredVersion[] {
  return handed(group, ({ observed }) => observed);
}

function groupOf(waiting: readonly Waiting[]): Group {
  const machine = waiting[0]?.pending.machine.id ?? null;
  const isOfOne = waiting.every(({ pending }) => pending.machine.id === machine);
  return { at: performance.now(), machine: isOfOne ? machine : null };
}

/** Lets more requests come to a group where the last one has just been, unless one machine asks time after time. */
async function spaced(last: Group | undefined, next: Group): Promise<void> {
  if (last === undefined || (last.machine !== null && last.machine === next.machine)) return;
  const left = SPACING - (next.at - last.at);
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
}

/** A block: an entry a machine of what it read, and one of what policies kept from it (A3). */
function machineEntries(
  { vault }: Act,
  left: readonly PendingRead[],
  kept: ReadonlyMap<PendingRead, Kept>,
): MachineEntry[] {
  const subject = { kind: 'Vault', key: vault.id };
  return [...Map.groupBy(left, ({ machine }) => machine.id).values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const { id, name } = first.machine;
    const machine = { type: 'machine', id, name } as const;
    const reads = own.flatMap((pending) => entryOf(pending, kept.get(pending)));
    const refusals = own.flatMap((pending) => refusalOf(pending, kept.get(pending)));
    const entry = (record: AuditRecord): MachineEntry => ({ machine, record });
    return [
      ...(reads.length === 0 ? [] : [entry({ action: 'secrets.read', subject, details: { reads } })]),
      ...(refusals.length === 0
        ? []
        : [entry({ action: 'secrets.refused-by-policy', subject, details: { refusals } })]),
    ];
  });
}

/** What is kept back from each request, after the reads that they count; what is not in it has all it read. */
async function metered(
  db: Db,
  group: readonly PendingRead[],
  now: number,
): Promise<ReadonlyMap<PendingRead, Kept>> {
  const kept = new Map<PendingRead, Map<string, KeptBack>>();
  const keep = (pending: PendingRead, id: string, why: KeptBack): void => {
    const known = kept.get(pending);
    if (known === undefined) kept.set(pending, new Map([[id, why]]));
    else known.set(id, why);
  };
  const counted: { readonly pending: PendingRead; readonly id: string }[] = [];
  for (const pending of group) {
    for (const { secret, why } of pending.refused) keep(pending, secret.id, why);
    for (const { id, policy } of pending.read) if (policy?.isMetered) counted.push({ pending, id });
  }
  if (counted.length === 0) return kept;
  const refusals = await countReads(
    db,
    counted.map(({ id }) => id),
    now,
  );
  for (const [index, { pending, id }] of counted.entries()) {
    const why = refusals[index];
    if (why != null) keep(pending, id, why);
  }
  return kept;
}

/** The secrets whose values leave with the answer. */
function readBy(pending: PendingRead, kept: Kept = NOTHING): readonly GrantedSecret[] {
  return kept.size === 0 ? pending.read : pending.read.filter(({ id }) => !kept.has(id));
}

function entryOf(pending: PendingRead, kept?: Kept) {
  const secrets = readBy(pending, kept).map(({ id, version }) => ({ id, version }));
  return secrets.length === 0 ? [] : [{ ...callOf(pending), secrets }];
}

function refusalOf(pending: PendingRead, kept: Kept = NOTHING) {
  const secrets = [...kept]
    .filter(([, why]) => why !== 'NotGranted' && why !== 'NoSuchSecret')
    .map(([id, why]) => ({ id, why }));
  return secrets.length === 0 ? [] : [{ ...callOf(pending), secrets }];
}

/** Whose it was says the entry, whose actor is the machine. */
function callOf({ source, call }: PendingRead) {
  return { source, call };
}

async function storeNonces(db: Db, group: readonly PendingRead[], now: number): Promise<PendingRead[]> {
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
  return group.filter(({ machine, nonce }) => fresh.delete(`${subjectOf(machine.id)} ${nonce}`));
}

/** Whether the answer to a request with this nonce was committed. */
export async function isStored(
  db: VaultContext['reader'],
  machineId: string,
  nonce: string,
): Promise<boolean> {
  const row = await db
    .selectFrom('nonces')
    .select('nonce')
    .where('subject', '=', subjectOf(machineId))
    .where('nonce', '=', nonce)
    .executeTakeFirst();
  return row !== undefined;
}

function subjectOf(machineId: string): string {
  return `machine:${machineId}`;
}

function pollsOf(group: readonly PendingRead[]): { readonly machineId: string; readonly source: string }[] {
  return group.flatMap(({ isPoll, machine, source }) => (isPoll ? { machineId: machine.id, source } : []));
}

function sourceReads(group: readonly PendingRead[], kept: ReadonlyMap<PendingRead, Kept>): SourceRead[] {
  return group.flatMap((pending) => {
    const { machine, source } = pending;
    return readBy(pending, kept.get(pending)).map((secret) => ({ machineId: machine.id, source, secret }));
  });
}

/** The rows of a group for the memory of polls; `of` chooses the secrets of each. */
function handed(
  group: readonly PendingRead[],
  of: (pending: PendingRead) => readonly GrantedSecret[],
): DeliveredVersion[] {
  return group.flatMap((pending) =>
    of(pending).map(({ id, version }) => ({ machine_id: pending.machine.id, secret_id: id, version })),
  );
}
