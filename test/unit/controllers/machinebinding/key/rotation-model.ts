/**
 * A binding whose key rotates, as values: two processes that both believe that they lead, with stale caches and clocks of
 * their own, an API server, a vault, a pod that keeps the key it started with, and people who lose and name keys.
 *
 * One thing is assumed: when a person deletes a key Secret, no process goes on with a private half of it in memory.
 */

import {
  type KeyRules,
  type MountedKey,
  mountedSince,
  rotationDue,
} from '#controllers/machinebinding/key/key-rotation.ts';
import {
  isBlocked,
  type KeyState,
  nextKeyStep,
  type Slot,
} from '#controllers/machinebinding/key/next-key-step.ts';
import { KEY_TIMES, type OtherKeys, otherKeys } from '#controllers/machinebinding/key/other-keys.ts';
import { type KeyEnd, keyEndVerdict } from '#model/key-ends.ts';

export const HOUR = 60 * 60 * 1000;
const OURS = 'this';

interface Staged {
  readonly fingerprint: string;
  readonly epoch: string | null;
  readonly follows: string | null;
  readonly uid: number;
}

interface Mounted {
  readonly fingerprint: string;
  readonly epoch: string | null;
  readonly before: string | null;
  readonly since: number;
  /** Moves with each write. */
  readonly version: number;
}

interface VaultKey {
  readonly fingerprint: string;
  readonly installation: string | null;
  readonly addedAt: number;
  lastUsedAt: number | null;
}

interface Leader {
  /** How far its clock is from the vault's. */
  skew: number;
  cached: { staged: Staged | null; mounted: Mounted | null };
  keys: readonly VaultKey[];
  inHand: Staged | null;
  seenVacant: boolean;
  read: { staged?: Staged | null; mounted?: Mounted | null };
  bothRead: boolean;
  offered: { readonly fingerprint: string; readonly ends: readonly KeyEnd[] } | null;
}

export interface World {
  rules: KeyRules;
  now: number;
  staged: Staged | null;
  mounted: Mounted | null;
  keys: VaultKey[];
  pod: string | null;
  counter: number;
  leaders: [Leader, Leader];
}

export function newWorld(rules: Partial<KeyRules> = {}): World {
  const declared = { rotateEvery: null, overlap: 24 * HOUR, maxOverlap: null, epoch: null, compromised: [] };
  return {
    rules: { ...declared, ...rules },
    ...{
      now: Date.parse('2026-01-01T00:00:00Z'),
      staged: null,
      mounted: null,
      keys: [],
      pod: null,
      counter: 0,
    },
    leaders: [newLeader(), newLeader()],
  };
}

function newLeader(): Leader {
  return {
    ...{ skew: 0, cached: { staged: null, mounted: null }, keys: [], inHand: null, seenVacant: false },
    ...{ read: {}, bothRead: false, offered: null },
  };
}

export type Move =
  | {
      readonly is: 'act' | 'seeStaged' | 'seeMounted' | 'seeVault' | 'endPass' | 'crash' | 'pass';
      readonly leader: 0 | 1;
    }
  /** As an undisturbed process that starts now. */
  | { readonly is: 'works'; readonly leader: 0 | 1 }
  | { readonly is: 'jump'; readonly leader: 0 | 1; readonly by: number }
  | { readonly is: 'tick'; readonly by: number }
  | { readonly is: 'epoch' | 'podReads' | 'podRestarts' | 'loseMounted' | 'loseStaged' | 'strangersKey' }
  | { readonly is: 'compromise'; readonly which: 'mounted' | 'other' };

/** Changes the world by one move. */
export function make(world: World, move: Move): void {
  switch (move.is) {
    case 'act':
      act(world, world.leaders[move.leader]);
      break;
    case 'seeStaged':
      world.leaders[move.leader].cached.staged = world.staged;
      break;
    case 'seeMounted':
      world.leaders[move.leader].cached.mounted = world.mounted;
      break;
    case 'seeVault':
      world.leaders[move.leader].keys = world.keys.map((key) => ({ ...key }));
      break;
    case 'endPass':
      Object.assign(world.leaders[move.leader], { read: {}, bothRead: false });
      break;
    case 'crash':
      world.leaders[move.leader] = {
        ...newLeader(),
        skew: world.leaders[move.leader].skew,
        cached: { staged: world.staged, mounted: world.mounted },
        keys: world.keys.map((key) => ({ ...key })),
      };
      break;
    case 'works':
      settle(world, move.leader);
      break;
    case 'pass':
      organizationPass(world, world.leaders[move.leader]);
      break;
    case 'jump':
      world.leaders[move.leader].skew = move.by;
      break;
    case 'tick':
      world.now += move.by;
      break;
    case 'epoch':
      world.counter += 1;
      world.rules = { ...world.rules, epoch: `e${world.counter}` };
      break;
    case 'podReads': {
      const key = world.keys.find(({ fingerprint }) => fingerprint === world.pod);
      if (key !== undefined) key.lastUsedAt = world.now;
      break;
    }
    case 'podRestarts':
      if (world.mounted !== null) world.pod = world.mounted.fingerprint;
      break;
    case 'loseMounted':
    case 'loseStaged':
      if (move.is === 'loseMounted') world.mounted = null;
      else world.staged = null;
      for (const leader of world.leaders)
        Object.assign(leader, { inHand: null, seenVacant: false, read: {}, bothRead: false });
      break;
    case 'strangersKey':
      if (world.keys.length < 2) world.keys.push(vaultKey(world, `stranger-${world.counter++}`, null));
      break;
    case 'compromise': {
      const fingerprint =
        move.which === 'mounted'
          ? world.mounted?.fingerprint
          : world.keys.find((key) => key.fingerprint !== world.mounted?.fingerprint)?.fingerprint;
      if (fingerprint !== undefined)
        world.rules = { ...world.rules, compromised: [...world.rules.compromised, fingerprint] };
      break;
    }
  }
}

/** What must never be so; undefined: it is not. */
export function broken({ mounted, keys }: World): string | undefined {
  if (keys.length > 2) return 'a machine has more than two keys';
  if (mounted !== null && !keys.some(({ fingerprint }) => fingerprint === mounted.fingerprint))
    return 'the vault refuses the mounted key';
  return undefined;
}

/** A process that starts now passes until nothing moves; what it tells at last. */
export function settle(world: World, leader: 0 | 1 = 0): { others: OtherKeys; isBlocked: boolean } {
  for (let pass = 0; pass < 8; pass += 1) {
    make(world, { is: 'crash', leader });
    for (let action = 0; action < 10; action += 1) make(world, { is: 'act', leader });
    make(world, { is: 'pass', leader });
  }
  make(world, { is: 'crash', leader });
  for (let action = 0; action < 10; action += 1) make(world, { is: 'act', leader });
  const state = stateOf(world, world.leaders[leader]);
  return { others: around(world, world.leaders[leader]), isBlocked: isBlocked(state, nextKeyStep(state)) };
}

function vaultKey({ now }: World, fingerprint: string, installation: string | null): VaultKey {
  return { fingerprint, installation, addedAt: now, lastUsedAt: null };
}

function stagedOf({ read, cached, inHand }: Leader): Staged | null {
  return read.staged !== undefined ? read.staged : (cached.staged ?? inHand);
}

function mountedOf({ read, cached }: Leader): Mounted | null {
  return read.mounted !== undefined ? read.mounted : cached.mounted;
}

function mountedKey({ now }: World, leader: Leader): MountedKey | null {
  const mounted = mountedOf(leader);
  if (mounted === null) return null;
  const addedAt = leader.keys.find((key) => key.fingerprint === mounted.fingerprint)?.addedAt;
  return { ...mounted, since: mountedSince(mounted.since, addedAt, now + leader.skew) };
}

function stateOf(world: World, leader: Leader): KeyState {
  const [staged, mounted, key] = [stagedOf(leader), mountedOf(leader), mountedKey(world, leader)];
  const slot = (fingerprint: string | undefined, confirmed: boolean): Slot =>
    fingerprint === undefined ? { holds: 'nothing', confirmed } : { holds: 'key', fingerprint };
  const isConfirmed = leader.read.mounted !== undefined || (leader.inHand !== null && leader.seenVacant);
  return {
    staged: slot(staged?.fingerprint, leader.read.staged !== undefined),
    follows: staged?.follows ?? null,
    mounted: slot(mounted?.fingerprint, isConfirmed),
    mountedIsFresh: leader.read.mounted !== undefined,
    accepted: leader.keys.map(({ fingerprint }) => fingerprint),
    due: key !== null && rotationDue(key, world.rules, world.now + leader.skew) !== null,
    compromised: world.rules.compromised,
  };
}

function around(world: World, leader: Leader): OtherKeys {
  const held = new Set([stagedOf(leader)?.fingerprint ?? '', mountedOf(leader)?.fingerprint ?? '']);
  const uses = new Map(world.keys.map((key) => [key.fingerprint, key.lastUsedAt]));
  return otherKeys({
    accepted: leader.keys.map((key) => ({
      ...key,
      use: { lastUsedAt: uses.get(key.fingerprint) ?? null, lastUsedFrom: null },
    })),
    ...{ held, mounted: mountedKey(world, leader), rules: world.rules, installation: OURS },
    ...{ times: KEY_TIMES, now: world.now + leader.skew },
  });
}

function confirm(world: World, leader: Leader, place: 'staged' | 'mounted'): void {
  if (place === 'staged') {
    leader.read.staged = world.staged;
    if (world.staged === null) leader.inHand = null;
  } else {
    leader.read.mounted = world.mounted;
    leader.seenVacant = world.mounted === null;
  }
}

function act(world: World, leader: Leader): void {
  const state = stateOf(world, leader);
  const step = nextKeyStep(state);
  switch (step.do) {
    case 'confirm':
      confirm(world, leader, step.place);
      break;
    case 'stage':
      if (world.staged === null) {
        world.counter += 1;
        const { epoch } = world.rules;
        const made = { fingerprint: `key-${world.counter}`, epoch, uid: world.counter };
        world.staged = { ...made, follows: step.follows ?? null };
        Object.assign(leader, { inHand: world.staged, seenVacant: false, read: {}, bothRead: false });
      } else {
        delete leader.read.mounted;
      }
      leader.read.staged = world.staged;
      break;
    case 'offer':
    case 'done': {
      const others = around(world, leader);
      const ends = others.keys.flatMap(({ end }) => (end === null ? [] : [end]));
      if (ends.length > 0 && !leader.bothRead) {
        confirm(world, leader, 'staged');
        confirm(world, leader, 'mounted');
        leader.bothRead = true;
        break;
      }
      leader.offered = { fingerprint: step.fingerprint, ends };
      break;
    }
    case 'mount':
      mount(world, leader, step.fingerprint);
      break;
    case 'unstage':
      if (world.staged?.uid === stagedOf(leader)?.uid) world.staged = null;
      leader.inHand = null;
      leader.read.staged = null;
      break;
    case 'conflict':
    case 'inherit':
      break;
  }
}

function mount(world: World, leader: Leader, fingerprint: string): void {
  const isVacant = mountedOf(leader) === null;
  if (!isVacant) {
    confirm(world, leader, 'mounted');
    if (mountedOf(leader) === null || mountedOf(leader)?.fingerprint === fingerprint) return;
    confirm(world, leader, 'staged');
  }
  const source = stagedOf(leader);
  if (source?.fingerprint !== fingerprint) return;
  if (isVacant && leader.inHand?.fingerprint !== fingerprint) {
    confirm(world, leader, 'staged');
    if (world.staged?.fingerprint !== fingerprint) return;
  }
  const over = mountedOf(leader);
  // A POST of what is there, or a PUT of what has changed, is a 409.
  if (over?.version === world.mounted?.version) {
    world.counter += 1;
    world.mounted = {
      ...{ fingerprint, epoch: source.epoch, before: over?.fingerprint ?? null },
      since: world.now + leader.skew,
      version: world.counter,
    };
  }
  leader.read.mounted = world.mounted;
}

/** Ends what is to end, as far as the vault agrees, and registers what is offered into a free slot. */
function organizationPass(world: World, { offered }: Leader): void {
  if (offered === null) return;
  for (const end of offered.ends) {
    const key = world.keys.find(({ fingerprint }) => fingerprint === end.fingerprint);
    if (key === undefined) continue;
    const verdict = keyEndVerdict({ ...key, lastUsedFrom: null }, end, {
      ...{ installation: OURS, keys: world.keys.length, now: world.now, lag: 0 },
    });
    if (verdict.is === 'Ends') world.keys = world.keys.filter((other) => other !== key);
  }
  const { fingerprint } = offered;
  const isThere = world.keys.some((key) => key.fingerprint === fingerprint);
  if (!isThere && world.keys.length < 2) world.keys.push(vaultKey(world, fingerprint, OURS));
}
