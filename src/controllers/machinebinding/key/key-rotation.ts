/** When the key of a binding is followed by another one (design §8, "Rotation"). Pure. */
import type { Spec } from '#api/v1alpha1/kinds.ts';
import { secondsIn } from '#model/duration.ts';

/** What a binding declares about its key; spans in milliseconds. */
export interface KeyRules {
  /** Null: none follows by time. */
  readonly rotateEvery: number | null;
  readonly overlap: number;
  /** Null: a key in use stays. */
  readonly maxOverlap: number | null;
  readonly epoch: string | null;
  /** Fingerprints of keys that others may hold. */
  readonly compromised: readonly string[];
}

/** What is known of the key in the Secret that pods mount. */
export interface MountedKey {
  readonly fingerprint: string;
  /** When it came there, in milliseconds; null: not known. */
  readonly since: number | null;
  /** The epoch that was declared when it was made; null: none. */
  readonly epoch: string | null;
  /** The key in whose place it came; null: none of this vault. */
  readonly before: string | null;
}

export type RotationCause = 'Compromised' | 'Epoch' | 'Schedule';

const OVERLAP = 24 * 60 * 60 * 1000;

export function keyRules({
  rotateEvery,
  overlap,
  maxOverlap,
  epoch,
  compromised = [],
}: Spec<'MachineBinding'>['key']): KeyRules {
  return {
    rotateEvery: millisecondsIn(rotateEvery),
    overlap: millisecondsIn(overlap) ?? OVERLAP,
    maxOverlap: millisecondsIn(maxOverlap),
    epoch: epoch === undefined ? null : String(epoch),
    compromised,
  };
}

/** Why another key has to follow the mounted one now; null: none has to. */
export function rotationDue(mounted: MountedKey, rules: KeyRules, now: number): RotationCause | null {
  if (rules.compromised.includes(mounted.fingerprint)) return 'Compromised';
  if (rules.epoch !== null && rules.epoch !== mounted.epoch) return 'Epoch';
  const at = rotationAt(mounted, rules);
  return at !== null && at <= now ? 'Schedule' : null;
}

/**
 * Since when a key is mounted: as its Secret says, or as the vault says since when it has the key, where the Secret says
 * nothing or a time to come (a clock was ahead).
 */
export function mountedSince(said: number | null, addedAt: number | undefined, now: number): number | null {
  return [said, addedAt].find((at) => at !== null && at !== undefined && at <= now) ?? null;
}

/** When another key follows by time, in milliseconds; null: by time none does. */
export function rotationAt({ since }: MountedKey, { rotateEvery }: KeyRules): number | null {
  return rotateEvery === null || since === null ? null : since + rotateEvery;
}

function millisecondsIn(span: string | undefined): number | null {
  return span === undefined ? null : secondsIn(span) * 1000;
}
