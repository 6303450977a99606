/**
 * Two processes that both believe that they lead, an API server and a vault, as values: every interleaving of
 * their actions, stale caches and kills can be walked through.
 */
import { type KeyState, nextKeyStep, type Slot } from '#controllers/machinebinding/key/next-key-step.ts';

interface Stored {
  readonly fingerprint: string;
  readonly uid: number;
}

interface Leader {
  cached: { staged: Stored | null; mounted: Stored | null };
  /** As the registry says, perhaps long ago. */
  accepted: readonly string[];
  /** Staged by this process, private half in memory. */
  inHand: Stored | null;
  /** Nothing was mounted after it had been staged. */
  seenUnmounted: boolean;
  /** Uncached reads of the present pass. */
  read: { staged?: Stored | null; mounted?: Stored | null };
  offered: string | null;
}

/** The first three outlive a process. */
export interface Model {
  staged: Stored | null;
  mounted: Stored | null;
  registered: string[];
  uids: number;
  leaders: Leader[];
}

export function newModel(): Model {
  return { staged: null, mounted: null, registered: [], uids: 0, leaders: [newLeader(), newLeader()] };
}

function newLeader(): Leader {
  return {
    cached: { staged: null, mounted: null },
    accepted: [],
    inHand: null,
    seenUnmounted: false,
    read: {},
    offered: null,
  };
}

export const MOVES = ['act', 'seeStaged', 'seeMounted', 'seeVault', 'endPass', 'crash', 'register'] as const;
export type Move = (typeof MOVES)[number];

/** The model after the move of one leader; the one that was given stays as it is. */
export function after(model: Model, which: number, move: Move): Model {
  const next: Model = {
    ...model,
    registered: [...model.registered],
    leaders: model.leaders.map((each) => ({ ...each, cached: { ...each.cached }, read: { ...each.read } })),
  };
  const leader = next.leaders[which];
  if (leader === undefined) throw new Error('no such leader');
  switch (move) {
    case 'act':
      act(next, leader);
      break;
    case 'seeStaged':
      leader.cached.staged = next.staged;
      break;
    case 'seeMounted':
      leader.cached.mounted = next.mounted;
      break;
    case 'seeVault':
      leader.accepted = [...next.registered];
      break;
    case 'endPass':
      leader.read = {};
      break;
    case 'crash':
      // A new process lists before it acts.
      next.leaders[which] = {
        ...newLeader(),
        cached: { staged: next.staged, mounted: next.mounted },
        accepted: [...next.registered],
      };
      break;
    case 'register':
      register(next, leader);
      break;
  }
  return next;
}

/** What must never be so; the name of the rule that is broken, or undefined. */
export function broken({ staged, mounted, registered }: Model): string | undefined {
  if (registered.length > 1) return 'two keys were registered';
  if (mounted !== null && !registered.includes(mounted.fingerprint))
    return 'the vault does not accept the mounted key';
  const held = [staged?.fingerprint, mounted?.fingerprint];
  if (registered.some((fingerprint) => !held.includes(fingerprint))) return 'a registered key was lost';
  return undefined;
}

/** What the leader does next, and the state that it decides on. */
function decision(leader: Leader) {
  return nextKeyStep(stateOf(leader));
}

/** The organization pass registers what is offered, however old the offer: it has a free slot for it. */
function register(model: Model, { offered }: Leader): void {
  if (offered !== null && !model.registered.includes(offered)) model.registered.push(offered);
}

function storedAt({ read, cached, inHand }: Leader, place: 'staged' | 'mounted'): Stored | null {
  const seen = read[place];
  if (seen !== undefined) return seen;
  return cached[place] ?? (place === 'staged' ? inHand : null);
}

function stateOf(leader: Leader): KeyState {
  const slot = (place: 'staged' | 'mounted'): Slot => {
    const stored = storedAt(leader, place);
    if (stored !== null) return { holds: 'key', fingerprint: stored.fingerprint };
    const remembered = place === 'mounted' && leader.inHand !== null && leader.seenUnmounted;
    return { holds: 'nothing', confirmed: leader.read[place] === null || remembered };
  };
  return { staged: slot('staged'), mounted: slot('mounted'), accepted: leader.accepted };
}

function act(model: Model, leader: Leader): void {
  const step = decision(leader);
  switch (step.do) {
    case 'confirm':
      leader.read[step.place] = model[step.place];
      if (step.place === 'mounted') leader.seenUnmounted = model.mounted === null;
      break;
    case 'stage':
      if (model.staged === null) {
        model.uids += 1;
        model.staged = { fingerprint: `key-${model.uids}`, uid: model.uids };
        leader.inHand = model.staged;
        leader.seenUnmounted = false;
        leader.read = {};
      }
      leader.read.staged = model.staged;
      break;
    case 'offer':
      leader.offered = step.fingerprint;
      break;
    case 'mount': {
      // Without the key in hand it is read from the staging Secret.
      const source = leader.inHand?.fingerprint === step.fingerprint ? leader.inHand : model.staged;
      if (source?.fingerprint !== step.fingerprint) {
        leader.read.staged = model.staged;
        break;
      }
      // A POST where nothing was believed to be, else a PUT of what was read just now; the rest is a 409.
      const believed = storedAt(leader, 'mounted');
      if ((believed === null) === (model.mounted === null)) {
        model.uids += 1;
        model.mounted = { fingerprint: step.fingerprint, uid: model.uids };
      }
      leader.read.mounted = model.mounted;
      break;
    }
    case 'unstage':
      // Deleted with the UID as precondition.
      if (model.staged?.uid === storedAt(leader, 'staged')?.uid) model.staged = null;
      leader.inHand = null;
      leader.read.staged = null;
      break;
    case 'conflict':
    case 'inherit':
    case 'done':
      break;
  }
}
