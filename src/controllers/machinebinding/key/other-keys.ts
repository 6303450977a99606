/**
 * What becomes of the keys of a machine that no Secret of its binding holds: those that another key followed, those
 * whose private half is lost, and those that others brought. Pure.
 *
 * A key is only ended where nothing uses it, unless `maxOverlap` or `compromised` says otherwise, and only if this
 * installation brought it, unless `compromised` names it. The vault looks again when it ends one.
 */
import { type KeyEnd, type KeyUse, LOST_AFTER, USED_STILL_AFTER } from '#model/key-ends.ts';
import type { KeyRules, MountedKey } from './key-rotation.ts';

/** A key that the vault accepts of the machine. */
export interface AcceptedKey {
  readonly fingerprint: string;
  /** Milliseconds since the epoch, by the vault's clock. */
  readonly addedAt: number;
  /** The installation that brought it; null: a person, a token, or an unknown one did. */
  readonly installation: string | null;
  /** Null: not asked, or not answered. */
  readonly use: KeyUse | null;
}

/** In milliseconds. */
export interface KeyTimes {
  /** How long a lost half is unused at least before it goes; where both slots are taken by lost ones, that long. */
  readonly lost: number;
  /** How long after another key took its place an old key that is used is told of. */
  readonly told: number;
  /** How long an old key may be there after its time before that is told. */
  readonly grace: number;
}

export const KEY_TIMES: KeyTimes = {
  lost: LOST_AFTER * 1000,
  told: USED_STILL_AFTER,
  grace: 10 * 60 * 1000,
};

export interface KeysAround {
  readonly accepted: readonly AcceptedKey[];
  /** Fingerprints that Secrets of the binding hold, wherever. */
  readonly held: ReadonlySet<string>;
  /** Null: none of this vault is mounted. */
  readonly mounted: MountedKey | null;
  readonly rules: KeyRules;
  /** This one. */
  readonly installation: string;
  readonly times: KeyTimes;
  readonly now: number;
}

/**
 * - `Old`: the mounted key took its place, and pods that started before use it still.
 * - `Lost`: this installation brought it, and its private half is gone.
 * - `Others`: another installation, a person or a token brought it.
 * - `Compromised`: it is named as one that others may hold.
 */
export type OtherKeyIs = 'Old' | 'Lost' | 'Others' | 'Compromised';

export interface OtherKey {
  readonly fingerprint: string;
  readonly is: OtherKeyIs;
  readonly addedAt: number;
  readonly use: KeyUse | null;
  /** When it may go if nothing uses it from now on; null: automation never ends it. */
  readonly endsAt: number | null;
  /** To be asked of the vault now. */
  readonly end: KeyEnd | null;
  /** The condition that names it. */
  readonly told: 'OldKeyInUse' | 'UnheldKey' | null;
}

export interface OtherKeys {
  readonly keys: readonly OtherKey[];
  /** When something of it is another one without a change, in milliseconds; null: never. */
  readonly wakeAt: number | null;
}

export function otherKeys(around: KeysAround): OtherKeys {
  const others = around.accepted.filter(({ fingerprint }) => !around.held.has(fingerprint));
  const kinds = new Map(others.map((key) => [key, kindOf(key, around)]));
  const first = firstOfTwoLost(around, kinds);
  const keys = others.map((key) => judged(key, kinds.get(key) ?? 'Others', key === first, around));
  const moments = keys.flatMap((key) => momentsOf(key, around)).filter((at) => at > around.now);
  return { keys, wakeAt: moments.length === 0 ? null : Math.min(...moments) };
}

function kindOf({ fingerprint, installation }: AcceptedKey, around: KeysAround): OtherKeyIs {
  if (around.rules.compromised.includes(fingerprint)) return 'Compromised';
  if (installation !== around.installation) return 'Others';
  return around.mounted?.before === fingerprint ? 'Old' : 'Lost';
}

/** Where lost halves take both slots, the one that is idle longer: a namespace that was built anew twice needs its slot. */
function firstOfTwoLost(
  { accepted }: KeysAround,
  kinds: ReadonlyMap<AcceptedKey, OtherKeyIs>,
): AcceptedKey | undefined {
  if (accepted.length < 2 || accepted.some((key) => kinds.get(key) !== 'Lost')) return undefined;
  return [...accepted].sort(
    (a, b) => idleSince(a) - idleSince(b) || (a.fingerprint < b.fingerprint ? -1 : 1),
  )[0];
}

function judged(key: AcceptedKey, is: OtherKeyIs, isFirst: boolean, around: KeysAround): OtherKey {
  const { fingerprint, addedAt, use } = key;
  const { now } = around;
  const of = (endsAt: number | null, end: Omit<KeyEnd, 'fingerprint'> | null): OtherKey => {
    const due = end !== null && endsAt !== null && endsAt <= now ? { fingerprint, ...end } : null;
    return { fingerprint, is, addedAt, use, endsAt, end: due, told: toldOf(key, is, endsAt, around) };
  };
  switch (is) {
    case 'Compromised':
      return of(now, { idleFor: 0, because: 'Compromised' });
    case 'Others':
      return of(null, null);
    case 'Lost': {
      const { lost } = around.times;
      const idle = isFirst ? lost : Math.max(lost, around.rules.overlap);
      return of(idleSince(key) + idle, { idleFor: secondsOf(idle), because: 'Lost' });
    }
    case 'Old': {
      const { overlap, maxOverlap } = around.rules;
      const since = switchedAt(around);
      const over = maxOverlap === null ? null : since + maxOverlap;
      const idle = Math.max(since, idleSince(key)) + overlap;
      return over !== null && over <= Math.max(idle, now)
        ? of(over, { idleFor: 0, because: 'Rotated' })
        : of(idle, { idleFor: secondsOf(overlap), because: 'Rotated' });
    }
  }
}

function toldOf(
  { use }: AcceptedKey,
  is: OtherKeyIs,
  endsAt: number | null,
  around: KeysAround,
): OtherKey['told'] {
  if (is !== 'Old') return 'UnheldKey';
  const since = switchedAt(around);
  if (around.now >= since + around.times.told && (use?.lastUsedAt ?? 0) > since) return 'OldKeyInUse';
  return endsAt !== null && around.now >= endsAt + around.times.grace ? 'UnheldKey' : null;
}

function momentsOf({ is, endsAt }: OtherKey, around: KeysAround): number[] {
  const ends = endsAt === null ? [] : [endsAt];
  return is === 'Old'
    ? [...ends, ...ends.map((at) => at + around.times.grace), switchedAt(around) + around.times.told]
    : ends;
}

/** When the mounted key took the place of the one before; where a clock was ahead, now. */
function switchedAt({ mounted, now }: KeysAround): number {
  return Math.min(mounted?.since ?? now, now);
}

function idleSince({ addedAt, use }: AcceptedKey): number {
  return Math.max(addedAt, use?.lastUsedAt ?? addedAt);
}

function secondsOf(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}
