/**
 * What a key that automation adds to a machine is. Whoever holds a key reads what the machine reads, so that a key is a
 * gain of whoever brings it, unless a key that the machine has already signs for it. Planning and vault ask the same.
 *
 * Decides rail 2: which key of a machine waits for approval.
 */
import type { Machine } from './organization.ts';
import type { ManagedRecord } from './record.ts';

/** What decides about a key that comes to a machine. */
export interface AddedKey {
  /** A key that the machine has signed for it (`rotatePayload`). */
  readonly proven: boolean;
  /** The machine is the manager's own (`isOwnMachine`). */
  readonly own: boolean;
}

/**
 * `Rotation`: it gives nothing to anybody. `Replacement`: the private half is lost; it counts toward `unprovenKeys` of
 * the delegation. `Raise`: it waits for an approval.
 */
export type KeyVerdict = 'Rotation' | 'Replacement' | 'Raise';

/** `left`: how many keys without a proof the delegation may still add; null: any number. */
export function keyVerdict({ proven, own }: AddedKey, left: number | null): KeyVerdict {
  if (proven) return 'Rotation';
  return own && (left === null || left > 0) ? 'Replacement' : 'Raise';
}

/**
 * Whether the manager has the record of the machine and brought a key of it before. One that it only took over has
 * keys of others alone: with the first of its own it comes to read everything that the machine reads.
 */
export function isOwnMachine(
  machine: Pick<Machine, 'adopted'>,
  record: Pick<ManagedRecord, 'manager'> | undefined,
  manager: string,
): boolean {
  return record?.manager === manager && machine.adopted !== true;
}
