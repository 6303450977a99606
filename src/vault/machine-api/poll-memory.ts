/**
 * What the vault remembers of the polls of one machine from one source address, and what it tells by that. Replicas of a
 * pod share an identity and often an address, and each of them is to learn of each change at least once: told twice is
 * harmless, missed is not. So whatever is forgotten here is told once more. Pure.
 *
 * Decides V7: what a poll is told.
 */

/** How close two polls come of which one poller makes no two: clients poll no faster than every ten seconds. */
export const CLOSE = 8_000;
/** How long after two close polls a source counts as several pollers. */
const SHARED_FOR = 60 * 60_000;
/** How long several pollers are told: longer than any of them waits between two polls. */
export const TOLD_FOR = 5 * 60_000;
/** How far back a source that is not known, or not any more, is told. */
export const TOLD_BACK = 60 * 60_000;
/** Reads remembered of a source. */
export const MOST_READS = 64;
/** Sources remembered of a machine. */
export const MOST_SOURCES = 64;
/** How long after its last poll a source that came again keeps its place before those that came once. */
const REGULAR_FOR = 2 * 60_000;

/** A version that needs not be told again. */
export interface SettledVersion {
  readonly version: number;
  /** The secret revision at which the version was stored. */
  readonly moved: number;
  /** When it was read, in milliseconds since the epoch; null: it was there before it was watched. */
  readonly at: number | null;
}

export type Reads = ReadonlyMap<string, SettledVersion>;

export interface SourceMemory {
  /** The source is owed nothing that moved up to this secret revision; null: it was never answered. */
  readonly revision: number | null;
  /** By secret: what it is not owed of what moved since, at most `MOST_READS`. */
  readonly reads: Reads;
  /** Its first and its last poll, and when two polls came closely last. Milliseconds since the epoch. */
  readonly firstAt: number;
  readonly lastAt: number;
  readonly sharedAt: number | null;
}

/** The current version of a secret. */
export interface CurrentVersion {
  readonly id: string;
  readonly version: number;
  /** The secret revision at which the version was stored, and when (milliseconds since the epoch). */
  readonly moved: number;
  readonly movedAt: number;
}

/** What any source of the machine was handed of a secret last. */
export interface HandedVersion {
  readonly version: number;
  /** False: no source read it; a poll saw that it is there. */
  readonly isRead: boolean;
}

export interface PollQuestion<Secret extends CurrentVersion> {
  /** All that the machine may read. */
  readonly secrets: Iterable<Secret>;
  /** Ids; others than those of `secrets` do not count. */
  readonly watched: ReadonlySet<string>;
  /** By id, of what is watched. */
  readonly handed: ReadonlyMap<string, HandedVersion>;
  /** Whether a policy keeps a secret back for a time: the source is owed it, and told later. */
  readonly isKeptBack: (secret: Secret) => boolean;
  readonly now: number;
}

export interface PollDecision<Secret extends CurrentVersion> {
  /** What changed, in the order in which it moved. */
  readonly told: readonly Secret[];
  /** What is watched and was never read by the machine, nor seen by a poll. */
  readonly observed: readonly Secret[];
  readonly memory: SourceMemory;
}

/** A poll came. `reads`: what is known to have been read by a source that is new. */
export function polled(memory: SourceMemory | undefined, now: number, reads: Reads = NONE): SourceMemory {
  if (memory === undefined) return { revision: null, reads, firstAt: now, lastAt: now, sharedAt: null };
  const isClose = Math.abs(now - memory.lastAt) < CLOSE;
  return { ...memory, lastAt: now, sharedAt: isClose ? now : memory.sharedAt };
}

const NONE: Reads = new Map();

function isShared({ sharedAt }: SourceMemory, now: number): boolean {
  return sharedAt !== null && now - sharedAt < SHARED_FOR;
}

/** What came again, and lately. */
export function isRegular({ firstAt, lastAt }: SourceMemory, now: number): boolean {
  return lastAt > firstAt && now - lastAt < REGULAR_FOR;
}

/** What a poll is told, and what is remembered after it. The memory is the same object where nothing moved. */
export function answered<Secret extends CurrentVersion>(
  memory: SourceMemory,
  question: PollQuestion<Secret>,
): PollDecision<Secret> {
  const { watched, handed, isKeptBack, now } = question;
  const told: Secret[] = [];
  const observed: Secret[] = [];
  /** What is watched and not read, what is not watched, and what is settled. */
  const owed: Secret[] = [];
  const unwatched: Secret[] = [];
  const settled: [string, SettledVersion][] = [];
  let last = memory.revision ?? 0;
  for (const secret of question.secrets) {
    last = Math.max(last, secret.moved);
    const known = memory.reads.get(secret.id);
    const isKnown = known !== undefined && known.version >= secret.version;
    if (!watched.has(secret.id)) {
      if (isKnown) settled.push([secret.id, known]);
      else if (isUnknown(memory, secret, now)) unwatched.push(secret);
      continue;
    }
    const before = handed.get(secret.id);
    if (before === undefined) observed.push(secret);
    const isOwed = before !== undefined && owes(memory, secret, before, now);
    if (isOwed) owed.push(secret);
    else settled.push([secret.id, isKnown ? known : { ...versionOf(secret), at: null }]);
    const isAgain = before?.isRead === true && toldAgain(memory, secret, now);
    if ((isOwed || isAgain) && !isKeptBack(secret)) told.push(secret);
  }
  told.sort((a, b) => a.moved - b.moved);
  const all = leftOver(memory, { owed: [...owed, ...unwatched], settled, last }, now);
  // Rather than forget what was read, forget that what is not watched moved.
  const next = all.open <= MOST_READS ? all : leftOver(memory, { owed, settled, last }, now);
  return { told, observed, memory: changed(memory, next) };
}

/** What was read is not owed. The memory is the same object where it knows that already. */
export function read(
  memory: SourceMemory,
  { id, version, moved }: Omit<CurrentVersion, 'movedAt'>,
  now: number,
): SourceMemory {
  if (memory.revision !== null && moved <= memory.revision) return memory;
  const known = memory.reads.get(id);
  if (known !== undefined && known.version >= version) return memory;
  const reads = new Map(memory.reads);
  reads.set(id, { version, moved, at: now });
  if (reads.size > MOST_READS) {
    // What is not owed anyway goes first. Of the rest what moved first stays: up to there the next poll owes nothing more.
    const [spare] = [...reads].reduce((a, b) => (spared(b[1], memory) >= spared(a[1], memory) ? b : a));
    if (spare === id) return memory;
    reads.delete(spare);
  }
  return { ...memory, reads };
}

function spared({ moved }: SettledVersion, { revision }: SourceMemory): number {
  return revision !== null && moved <= revision ? Number.POSITIVE_INFINITY : moved;
}

/**
 * The sources to forget for one that polled just now: those idle or new before those that come again and again, the
 * least recent first.
 */
export function forgotten(
  sources: ReadonlyMap<string, SourceMemory>,
  latest: string,
  now: number,
): readonly string[] {
  const tooMany = sources.size - MOST_SOURCES;
  if (tooMany <= 0) return [];
  return [...sources]
    .filter(([source]) => source !== latest)
    .sort(([, a], [, b]) => Number(isRegular(a, now)) - Number(isRegular(b, now)) || a.lastAt - b.lastAt)
    .slice(0, tooMany)
    .map(([source]) => source);
}

/** Whether the source may lack the version, of a secret that the machine was handed or saw. */
function owes(memory: SourceMemory, secret: CurrentVersion, before: HandedVersion, now: number): boolean {
  const known = memory.reads.get(secret.id);
  if (known !== undefined && known.version >= secret.version) return false;
  // Nobody has it.
  if (before.version < secret.version) return true;
  if (!before.isRead) return false;
  return known?.at != null || isUnknown(memory, secret, now);
}

/** Whether the version moved since the source was owed nothing. What has one version has not changed. */
function isUnknown(
  { revision }: SourceMemory,
  { version, moved, movedAt }: CurrentVersion,
  now: number,
): boolean {
  if (version === 1) return false;
  return revision === null ? now - movedAt < TOLD_BACK : moved > revision;
}

/** Whether others behind the source may lack what one of them read. */
function toldAgain(memory: SourceMemory, secret: CurrentVersion, now: number): boolean {
  if (secret.version === 1 || !isShared(memory, now)) return false;
  return now - secret.movedAt < TOLD_FOR || isRecent(memory.reads.get(secret.id), now);
}

/** Read so lately that another poller behind the source may not have been told since. */
function isRecent(known: SettledVersion | undefined, now: number): boolean {
  return known?.at != null && now - known.at < TOLD_FOR;
}

interface Left {
  readonly revision: number;
  readonly reads: Reads;
  /** How many versions must be remembered as settled. */
  readonly open: number;
}

/** Up to where nothing is owed, and what beyond it is not. */
function leftOver(
  memory: SourceMemory,
  {
    owed,
    settled,
    last,
  }: {
    readonly owed: readonly CurrentVersion[];
    readonly settled: readonly (readonly [string, SettledVersion])[];
    readonly last: number;
  },
  now: number,
): Left {
  const first = owed.reduce((least, { moved }) => Math.min(least, moved), Number.POSITIVE_INFINITY);
  const reached = Math.max(memory.revision ?? 0, Math.min(last, first - 1));
  const moves = settled.filter(([, { moved }]) => moved > (memory.revision ?? -1) && moved <= reached);
  // Where nothing lies between, the revision need not be written.
  const revision = moves.length === 0 && memory.revision !== null ? memory.revision : reached;
  const open = settled.filter(([, { moved }]) => moved > revision).sort(([, a], [, b]) => a.moved - b.moved);
  const recent = settled
    .filter(([, known]) => known.moved <= revision && isRecent(known, now))
    .sort(([, a], [, b]) => (b.at ?? 0) - (a.at ?? 0));
  return { revision, reads: new Map([...open, ...recent].slice(0, MOST_READS)), open: open.length };
}

function changed(memory: SourceMemory, { revision, reads }: Left): SourceMemory {
  const isSame =
    memory.revision === revision &&
    memory.reads.size === reads.size &&
    [...reads].every(([id, known]) => memory.reads.get(id) === known);
  return isSame ? memory : { ...memory, revision, reads };
}

function versionOf({ version, moved }: CurrentVersion): { readonly version: number; readonly moved: number } {
  return { version, moved };
}
