import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type KeyState,
  nextKeyStep,
  type Slot,
} from '../../../src/controllers/machinebinding/next-key-step.ts';

const nothing: Slot = { holds: 'nothing', confirmed: 'read' };
const unconfirmed: Slot = { holds: 'nothing', confirmed: 'no' };
const remembered: Slot = { holds: 'nothing', confirmed: 'remembered' };
const key = (fingerprint: string): Slot => ({ holds: 'key', fingerprint });
const foreign: Slot = { holds: 'foreign' };

describe('the next step of a key', () => {
  const table: readonly [string, Slot, Slot, readonly string[], object][] = [
    [
      'nothing in the cache: looks past it',
      unconfirmed,
      unconfirmed,
      [],
      { do: 'confirm', place: 'mounted' },
    ],
    ['nothing mounted: looks for a staged one', unconfirmed, nothing, [], { do: 'confirm', place: 'staged' }],
    ['nothing at all: makes one', nothing, nothing, [], { do: 'stage' }],
    ['staged: has it registered', key('a'), nothing, [], { do: 'offer', place: 'staged', fingerprint: 'a' }],
    ['staged and accepted: mounts it', key('a'), remembered, ['a'], { do: 'mount', fingerprint: 'a' }],
    ['mounted and still staged: unstages', key('a'), key('a'), ['a'], { do: 'unstage' }],
    ['mounted and accepted: done', unconfirmed, key('a'), ['a'], { do: 'done', fingerprint: 'a' }],
    [
      'mounted, unknown to the vault: offers it again',
      nothing,
      key('a'),
      [],
      { do: 'offer', place: 'mounted', fingerprint: 'a' },
    ],
    [
      'another key is accepted: looks again before it offers',
      key('b'),
      remembered,
      ['a'],
      { do: 'confirm', place: 'mounted' },
    ],
    ['staged beside an accepted one: never offered', key('b'), key('a'), ['a'], { do: 'unstage' }],
    [
      'a lost half: the new key takes the free slot',
      key('b'),
      nothing,
      ['a'],
      { do: 'offer', place: 'staged', fingerprint: 'b' },
    ],
    [
      'a foreign Secret is mounted: nothing is staged',
      nothing,
      foreign,
      [],
      { do: 'conflict', place: 'mounted' },
    ],
    ['a planted one is staged: never used', foreign, nothing, [], { do: 'conflict', place: 'staged' }],
  ];
  test.each(table)('%s', (_, staged, mounted, accepted, step) => {
    expect(nextKeyStep({ staged, mounted, accepted })).toEqual(step);
  });
});

interface Stored {
  readonly fingerprint: string;
  readonly uid: number;
}

/** The API server and the vault: the only things that outlive a process. */
class Cluster {
  staged: Stored | null = null;
  mounted: Stored | null = null;
  /** In the order of registration. */
  registered: string[] = [];
  #uids = 0;

  uid(): number {
    this.#uids += 1;
    return this.#uids;
  }

  check(): void {
    expect(this.registered.length).toBeLessThanOrEqual(1);
    if (this.mounted !== null) expect(this.registered).toContain(this.mounted.fingerprint);
    const held = [this.staged?.fingerprint, this.mounted?.fingerprint];
    for (const fingerprint of this.registered) expect(held).toContain(fingerprint);
  }
}

/** A process that leads, or believes that it does: caches and registry are as old as the test wants. */
class Leader {
  readonly #cluster: Cluster;
  #cachedStaged: Stored | null = null;
  #cachedMounted: Stored | null = null;
  #accepted: readonly string[] = [];
  #inHand: Stored | null = null;
  #read: { staged?: Stored | null; mounted?: Stored | null } = {};
  #offered: string | null = null;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  seeStaged(): void {
    this.#cachedStaged = this.#cluster.staged;
  }
  seeMounted(): void {
    this.#cachedMounted = this.#cluster.mounted;
  }
  seeVault(): void {
    this.#accepted = [...this.#cluster.registered];
  }
  /** A pass ends between any two actions; what it read is forgotten. */
  endPass(): void {
    this.#read = {};
  }
  /** A new process lists before it acts. */
  crash(): void {
    this.#inHand = null;
    this.#offered = null;
    this.endPass();
    this.seeStaged();
    this.seeMounted();
    this.seeVault();
  }
  /** The vault refuses a step whose `before` does not hold (StaleBefore), and a key that it has. */
  registers(): void {
    const { registered } = this.#cluster;
    const stale = JSON.stringify(this.#accepted) !== JSON.stringify(registered);
    if (this.#offered === null || stale || registered.includes(this.#offered)) return;
    registered.push(this.#offered);
  }

  #at(place: 'staged' | 'mounted'): Stored | null {
    const read = this.#read[place];
    if (read !== undefined) return read;
    const cached = place === 'staged' ? this.#cachedStaged : this.#cachedMounted;
    return cached ?? (place === 'staged' ? this.#inHand : null);
  }

  get state(): KeyState {
    const slot = (place: 'staged' | 'mounted'): Slot => {
      const stored = this.#at(place);
      if (stored !== null) return { holds: 'key', fingerprint: stored.fingerprint };
      if (this.#read[place] === null) return { holds: 'nothing', confirmed: 'read' };
      return {
        holds: 'nothing',
        confirmed: place === 'mounted' && this.#inHand !== null ? 'remembered' : 'no',
      };
    };
    return { staged: slot('staged'), mounted: slot('mounted'), accepted: this.#accepted };
  }

  act(): string {
    const cluster = this.#cluster;
    const step = nextKeyStep(this.state);
    switch (step.do) {
      case 'confirm':
        this.#read[step.place] = cluster[step.place];
        break;
      case 'stage':
        if (cluster.staged === null) {
          const uid = cluster.uid();
          cluster.staged = { fingerprint: `key-${uid}`, uid };
          this.#inHand = cluster.staged;
          this.#read.staged = cluster.staged;
        } else {
          this.#read.staged = cluster.staged;
        }
        break;
      case 'offer':
        this.#offered = step.fingerprint;
        break;
      case 'mount': {
        // Without the key in hand it is read from the staging Secret.
        const source = this.#inHand?.fingerprint === step.fingerprint ? this.#inHand : cluster.staged;
        if (source?.fingerprint !== step.fingerprint) {
          this.#read.staged = cluster.staged;
          break;
        }
        // POST, or PUT on what was read just now: a Secret that appeared meanwhile is a 409.
        const believed = this.#at('mounted');
        if ((believed === null) === (cluster.mounted === null)) {
          cluster.mounted = { fingerprint: step.fingerprint, uid: cluster.uid() };
        }
        this.#read.mounted = cluster.mounted;
        break;
      }
      case 'unstage': {
        if (cluster.staged !== null && cluster.staged.uid === this.#at('staged')?.uid) cluster.staged = null;
        this.#inHand = null;
        this.#read.staged = null;
        break;
      }
      case 'conflict':
      case 'inherit':
      case 'done':
        break;
    }
    return step.do;
  }
}

const moves = [
  'act',
  'act',
  'act',
  'seeStaged',
  'seeMounted',
  'seeVault',
  'endPass',
  'crash',
  'registers',
] as const;

test('with two leaders, stale caches and a kill between any two actions, one key is registered and it is the mounted one', () => {
  const move = fc.record({ leader: fc.constantFrom(0, 1), move: fc.constantFrom(...moves) });
  fc.assert(
    fc.property(fc.array(move, { maxLength: 80 }), (history) => {
      const cluster = new Cluster();
      const leaders = [new Leader(cluster), new Leader(cluster)];
      for (const { leader, move: name } of history) {
        leaders[leader]?.[name]();
        cluster.check();
      }
      const [last] = leaders;
      let done = false;
      for (let pass = 0; pass < 20 && !done; pass += 1) {
        last?.crash();
        for (let action = 0; action < 8; action += 1) done = last?.act() === 'done';
        last?.registers();
        cluster.check();
      }
      expect(done).toBe(true);
      expect(cluster.staged).toBeNull();
      expect(cluster.registered).toEqual([cluster.mounted?.fingerprint]);
    }),
    { numRuns: 5_000 },
  );
});
