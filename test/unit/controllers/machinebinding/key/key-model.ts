/**
 * Two processes that both believe that they lead, an API server and a vault, as values: every interleaving of
 * their actions, stale caches and kills can be walked through. The vault may move once: to another address of it, or to
 * another vault, and both processes are told.
 */
import { type KeyState, nextKeyStep, type Slot } from '#controllers/machinebinding/key/next-key-step.ts';

/** How far the vault moved by `move`. */
export type Moving = 'address' | 'vault';

interface Stored {
  /** `0-key-1`: of the address that it was made for. */
  readonly fingerprint: string;
  /** That its Secret is sealed for. */
  readonly address: number;
  readonly uid: number;
}

interface Leader {
  cached: { staged: Stored | null; mounted: Stored | null };
  /** As the registry says, perhaps long ago. */
  accepted: readonly string[];
  /** Staged by this process, private half in memory. */
  inHand: Stored | null;
  /** Nothing of this address was mounted after it had been staged. */
  seenVacant: boolean;
  /** Uncached reads of the present pass. */
  read: { staged?: Stored | null; mounted?: Stored | null };
  offered: { readonly fingerprint: string; readonly address: number } | null;
}

/** All but the leaders outlive a process. */
export interface Model {
  readonly moving: Moving;
  /** By the credentials. */
  address: number;
  staged: Stored | null;
  mounted: Stored | null;
  registered: { readonly fingerprint: string; readonly vault: number }[];
  uids: number;
  leaders: Leader[];
}

export function newModel(moving: Moving = 'address'): Model {
  return {
    ...{ moving, address: 0, staged: null, mounted: null, registered: [], uids: 0 },
    leaders: [newLeader(), newLeader()],
  };
}

/** A key is in use, and then the vault moves; both leaders have seen all of it. */
export function movedModel(moving: Moving): Model {
  const mounted = { fingerprint: '0-key-1', address: 0, uid: 1 };
  const registered = [{ fingerprint: mounted.fingerprint, vault: 0 }];
  const model: Model = { ...newModel(moving), mounted, registered, uids: 1 };
  const seen = [0, 1].reduce((next, leader) => after(next, leader, 'crash'), model);
  return after(seen, 0, 'move');
}

function vaultAt({ moving }: Model, address: number): number {
  return moving === 'vault' ? address : 0;
}

function acceptedIn(model: Model): string[] {
  const vault = vaultAt(model, model.address);
  return model.registered.filter((key) => key.vault === vault).map(({ fingerprint }) => fingerprint);
}

function newLeader(): Leader {
  return {
    cached: { staged: null, mounted: null },
    accepted: [],
    inHand: null,
    seenVacant: false,
    read: {},
    offered: null,
  };
}

export const MOVES = ['act', 'seeStaged', 'seeMounted', 'seeVault', 'endPass', 'crash', 'register'] as const;
export type Move = (typeof MOVES)[number] | 'move';

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
      leader.accepted = acceptedIn(next);
      break;
    case 'endPass':
      leader.read = {};
      break;
    case 'crash':
      // A new process lists before it acts.
      next.leaders[which] = {
        ...newLeader(),
        cached: { staged: next.staged, mounted: next.mounted },
        accepted: acceptedIn(next),
      };
      break;
    case 'move':
      // The passes that are under way end, and the next ones begin with what the vault there accepts.
      next.address = 1;
      for (const each of next.leaders) Object.assign(each, { read: {}, accepted: acceptedIn(next) });
      break;
    case 'register':
      register(next, leader);
      break;
  }
  return next;
}

/** What must never be so; the name of the rule that is broken, or undefined. */
export function broken(model: Model): string | undefined {
  const { address, staged, mounted, registered } = model;
  const madeFor = (at: number) => registered.filter(({ fingerprint }) => fingerprint.startsWith(`${at}-`));
  if (madeFor(0).length > 1 || madeFor(1).length > 1) return 'two keys were registered for one address';
  const held = [staged, mounted].flatMap((stored) => stored ?? []);
  if (held.some((stored) => !stored.fingerprint.startsWith(`${stored.address}-`))) return 'a key moved';
  const accepts = ({ fingerprint, address: at }: Stored) =>
    registered.some((key) => key.fingerprint === fingerprint && key.vault === vaultAt(model, at));
  if (mounted !== null && !accepts(mounted)) return 'the vault does not accept the mounted key';
  const isHeld = (fingerprint: string) => held.some((stored) => stored.fingerprint === fingerprint);
  if (madeFor(address).some(({ fingerprint }) => !isHeld(fingerprint))) return 'a registered key was lost';
  return undefined;
}

/** What the leader does next, and the state that it decides on. */
function decision(model: Model, leader: Leader) {
  return nextKeyStep(stateOf(model, leader));
}

/** The organization pass registers what is offered, however old the offer: it has a free slot for it. */
function register(model: Model, { offered }: Leader): void {
  // An offer is for one address.
  if (offered === null || offered.address !== model.address) return;
  const { fingerprint } = offered;
  if (!acceptedIn(model).includes(fingerprint))
    model.registered.push({ fingerprint, vault: vaultAt(model, model.address) });
}

function storedAt({ read, cached, inHand }: Leader, place: 'staged' | 'mounted'): Stored | null {
  const seen = read[place];
  if (seen !== undefined) return seen;
  return cached[place] ?? (place === 'staged' ? inHand : null);
}

function stateOf({ address }: Model, leader: Leader): KeyState {
  const slot = (place: 'staged' | 'mounted'): Slot => {
    const stored = storedAt(leader, place);
    if (stored?.address === address) return { holds: 'key', fingerprint: stored.fingerprint };
    const remembered = place === 'mounted' && leader.inHand !== null && leader.seenVacant;
    const confirmed = leader.read[place] !== undefined || remembered;
    return stored === null
      ? { holds: 'nothing', confirmed }
      : { holds: 'moved', fingerprint: stored.fingerprint, confirmed };
  };
  const undisturbed = { follows: null, mountedIsFresh: false, due: false, compromised: [] };
  return { staged: slot('staged'), mounted: slot('mounted'), accepted: leader.accepted, ...undisturbed };
}

function act(model: Model, leader: Leader): void {
  const step = decision(model, leader);
  switch (step.do) {
    case 'confirm':
      leader.read[step.place] = model[step.place];
      if (step.place === 'mounted') leader.seenVacant = model.mounted?.address !== model.address;
      break;
    case 'stage':
      if (model.staged === null) {
        model.uids += 1;
        const fingerprint = `${model.address}-key-${model.uids}`;
        model.staged = { fingerprint, address: model.address, uid: model.uids };
        leader.inHand = model.staged;
        leader.seenVacant = false;
        leader.read = {};
      }
      if (leader.inHand !== model.staged) delete leader.read.mounted;
      leader.read.staged = model.staged;
      break;
    case 'offer':
      leader.offered = { fingerprint: step.fingerprint, address: model.address };
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
      const isThere = model.mounted?.fingerprint === step.fingerprint;
      if (!isThere && (believed === null) === (model.mounted === null)) {
        if (model.mounted === null) model.uids += 1;
        const uid = model.mounted?.uid ?? model.uids;
        model.mounted = { fingerprint: step.fingerprint, address: model.address, uid };
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
