import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  answered,
  type CurrentVersion,
  forgotten,
  type HandedVersion,
  MOST_READS,
  MOST_SOURCES,
  polled,
  type Reads,
  read,
  type SourceMemory,
  TOLD_BACK,
  TOLD_FOR,
} from '#vault/machine-api/poll-memory.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A machine's secrets, its memories, and who polls for it; the clock is set by hand. */
class World {
  now = 0;
  revision = 0;
  readonly secrets = new Map<string, CurrentVersion>();
  readonly handed = new Map<string, HandedVersion>();
  readonly sources = new Map<string, SourceMemory>();
  readonly readers = new Map<string, Map<string, { version: number; moved: number; at: number }>>();

  change(id: string): void {
    this.revision += 1;
    const version = (this.secrets.get(id)?.version ?? 0) + 1;
    this.secrets.set(id, { id, version, moved: this.revision, movedAt: this.now });
  }

  read(source: string, id: string): number {
    const secret = this.secrets.get(id) as CurrentVersion;
    this.handed.set(id, { version: secret.version, isRead: true });
    const memory = this.sources.get(source);
    if (memory !== undefined) this.sources.set(source, read(memory, secret, this.now));
    else {
      const reads = this.readers.get(source) ?? new Map();
      this.readers.set(source, reads.set(id, { version: secret.version, moved: secret.moved, at: this.now }));
    }
    return secret.version;
  }

  poll(source: string, ...watched: string[]): string[] {
    const reads: Reads | undefined = this.sources.size < MOST_SOURCES ? this.readers.get(source) : undefined;
    this.readers.delete(source);
    this.sources.set(source, polled(this.sources.get(source), this.now, reads));
    for (const other of forgotten(this.sources, source, this.now)) this.sources.delete(other);
    const { told, observed, memory } = answered(this.sources.get(source) as SourceMemory, {
      secrets: this.secrets.values(),
      watched: new Set(watched),
      handed: this.handed,
      isKeptBack: () => false,
      now: this.now,
    });
    for (const { id, version } of observed) this.handed.set(id, { version, isRead: false });
    this.sources.set(source, memory);
    return told.map(({ id }) => id);
  }
}

describe('a source with one poller', () => {
  it('is told until it reads, and then no more', () => {
    const world = new World();
    world.change('a');
    world.read('s', 'a');
    expect(world.poll('s', 'a')).toEqual([]);
    world.change('a');
    for (let n = 0; n < 100; n += 1) {
      world.now += 15 * SECOND;
      expect(world.poll('s', 'a')).toEqual(['a']);
    }
    world.read('s', 'a');
    world.now += 15 * SECOND;
    expect(world.poll('s', 'a')).toEqual([]);
  });

  it('is told of what another source has read', () => {
    const world = new World();
    world.change('a');
    for (const source of ['s', 't']) {
      world.read(source, 'a');
      world.poll(source, 'a');
    }
    world.change('a');
    world.read('t', 'a');
    world.now += 2 * TOLD_BACK;
    expect([world.poll('s', 'a'), world.poll('t', 'a')]).toEqual([['a'], []]);
  });

  it('is silent of what the machine never read, until it changes', () => {
    const world = new World();
    world.change('a');
    world.change('a');
    for (const source of ['s', 't']) expect(world.poll(source, 'a')).toEqual([]);
    world.now += 15 * SECOND;
    for (const source of ['s', 't']) expect(world.poll(source, 'a')).toEqual([]);
    world.change('a');
    world.now += 15 * SECOND;
    for (const source of ['s', 't']) expect(world.poll(source, 'a')).toEqual(['a']);
  });

  it('is told of what moved before it was watched, where the source knew it before', () => {
    const world = new World();
    for (const id of ['a', 'b']) {
      world.change(id);
      for (const source of ['s', 't']) world.read(source, id);
    }
    world.poll('s', 'a');
    world.change('b');
    world.read('t', 'b');
    world.now += 15 * SECOND;
    expect(world.poll('s', 'a')).toEqual([]);
    world.now += 2 * TOLD_BACK;
    expect(world.poll('s', 'a', 'b')).toEqual(['b']);
  });

  it('comes to an end with more changes than it is remembered to have read', () => {
    const world = new World();
    const ids = Array.from({ length: 5 * MOST_READS }, (_, n) => `s${n}`);
    for (const id of ids) {
      world.change(id);
      world.read('s', id);
    }
    world.poll('s', ...ids);
    for (const id of ids) world.change(id);
    const rounds: number[] = [];
    for (let told = ids; told.length > 0; ) {
      world.now += 15 * SECOND;
      told = world.poll('s', ...ids);
      rounds.push(told.length);
      for (const id of told.toReversed()) world.read('s', id);
      expect(world.sources.get('s')?.reads.size).toBeLessThanOrEqual(MOST_READS);
      expect(rounds.length).toBeLessThan(10);
    }
    expect(rounds[0]).toBe(ids.length);
  });
});

describe('a source with several pollers', () => {
  it('is told for five minutes, reads notwithstanding', () => {
    const world = new World();
    world.change('a');
    world.read('s', 'a');
    for (const wait of [0, 5 * SECOND]) {
      world.now += wait;
      world.poll('s', 'a');
    }
    world.now += 10 * SECOND;
    world.change('a');
    for (let since = 0; since < TOLD_FOR; since += 10 * SECOND) {
      expect(world.poll('s', 'a')).toEqual(['a']);
      if (since === 0) world.read('s', 'a');
      world.now += 10 * SECOND;
    }
    expect(world.poll('s', 'a')).toEqual([]);
  });

  it('is told by five minutes of the first read, however long ago the version moved', () => {
    const world = new World();
    world.change('a');
    world.read('s', 'a');
    world.poll('s', 'a');
    world.change('a');
    // Nobody of them reached the vault meanwhile.
    world.now += 2 * TOLD_BACK;
    expect(world.poll('s', 'a')).toEqual(['a']);
    world.read('s', 'a');
    world.now += 7 * SECOND;
    expect(world.poll('s', 'a')).toEqual(['a']);
    world.now += TOLD_FOR;
    expect(world.poll('s', 'a')).toEqual([]);
  });
});

describe('the sources of a machine', () => {
  it('are sixty-four: the least recent one is forgotten, and told of what moved in the last hour', () => {
    const world = new World();
    world.change('a');
    const sources = Array.from({ length: MOST_SOURCES }, (_, n) => `s${n}`);
    for (const source of sources) {
      world.now += SECOND;
      world.read(source, 'a');
      world.poll(source, 'a');
    }
    world.change('a');
    world.read('s0', 'a');
    world.poll('new', 'a');
    expect([world.sources.size, world.sources.has('s0'), world.sources.has('s1')]).toEqual([64, false, true]);
    world.now += MINUTE;
    expect(world.poll('s0', 'a')).toEqual(['a']);
    world.now += TOLD_BACK;
    expect(world.poll('later', 'a')).toEqual([]);
  });

  it('keep those that poll again and again, whoever comes once', () => {
    const world = new World();
    world.change('a');
    for (let round = 0; round < 10; round += 1) {
      world.now += 15 * SECOND;
      for (let n = 0; n < 5; n += 1) world.poll(`pod${n}`, 'a');
      for (let n = 0; round > 0 && n < 1_000; n += 1) world.poll(`${round}.${n}`, 'a');
      if (round > 1) expect(world.sources.size).toBe(MOST_SOURCES);
    }
    for (let n = 0; n < 5; n += 1) expect(world.sources.has(`pod${n}`)).toBe(true);
  });
});

const SECRETS = ['a', 'b', 'c'];

const events = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('change' as const), secret: fc.constantFrom(...SECRETS) }),
    },
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 90 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('away' as const),
        seconds: fc.integer({ min: 1, max: 1800 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('others' as const), count: fc.integer({ min: 1, max: 80 }) }),
    },
  ),
  { maxLength: 40 },
);
/** Where each process sits and when it polls first; all of them poll every fifteen seconds. */
const processes = fc.array(
  fc.record({
    source: fc.constantFrom('s', 't', 'u'),
    phase: fc.integer({ min: 0, max: 14 }),
    watched: fc.constantFrom(SECRETS, ['a', 'b']),
    /** Whose answers get lost: one in so many. */
    loses: fc.constantFrom(0, 0, 2, 3),
  }),
  { minLength: 1, maxLength: 5 },
);

describe('every poller behind whatever addresses', () => {
  it('learns of each change at least once, and what is remembered stays bounded', () => {
    fc.assert(
      fc.property(processes, events, (made, history) => {
        const world = new World();
        for (const id of SECRETS) world.change(id);
        const pods = made.map((pod) => ({
          ...pod,
          polls: 0,
          knows: new Map(pod.watched.map((id) => [id, world.read(pod.source, id)])),
        }));
        const isAlone =
          pods.every(({ loses }) => loses === 0) &&
          new Set(pods.map(({ source }) => source)).size === pods.length;
        let seconds = 0;
        const advance = (by: number, areThere: boolean): void => {
          for (let n = 0; n < by; n += 1) {
            seconds += 1;
            world.now = seconds * SECOND;
            if (!areThere) continue;
            for (const pod of pods) {
              if (seconds % 15 !== pod.phase) continue;
              const told = world.poll(pod.source, ...pod.watched);
              pod.polls += 1;
              if (pod.loses > 0 && pod.polls % pod.loses === 0) continue;
              for (const id of told) pod.knows.set(id, world.read(pod.source, id));
            }
          }
        };
        let others = 0;
        advance(30, true);
        for (const event of history) {
          if (event.kind === 'change') world.change(event.secret);
          else if (event.kind === 'others') {
            for (let n = 0; n < event.count; n += 1) world.poll(`other${others++}`, ...SECRETS);
          } else if (event.kind === 'wait') advance(event.seconds, true);
          // Who lost an answer, or whose neighbour read first, must come again within five minutes.
          else advance(Math.min(event.seconds, isAlone ? 1800 : 120), false);
          expect(world.sources.size).toBeLessThanOrEqual(MOST_SOURCES);
        }
        // Two polls of each whose answers arrive.
        advance(60, true);
        for (const { watched, knows } of pods) {
          for (const id of watched) expect(knows.get(id)).toBe(world.secrets.get(id)?.version);
        }
      }),
      { numRuns: 500 },
    );
  });
});
