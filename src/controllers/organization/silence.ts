/** How long a vault has not been heard, and what follows from it: values alone, the clock among them. */

/** From when on it is said that nobody knows, and that the vault is away, in milliseconds. */
const UNKNOWN_AFTER_MS = 30_000;
const UNREACHABLE_AFTER_MS = 2 * 60_000;
/** From when on the other kinds say that what they tell may be old: an outage shorter than that writes nothing there. */
const STALE_AFTER_MS = 15 * 60_000;
/** How much later than promised an answer may come. */
const PATIENCE_MS = 5_000;

export interface VaultContact {
  /** The last answer; until there was one, when this process began to ask. */
  readonly since: number;
  readonly answered: boolean;
  /** When the answer that is waited for is due; null: none is, or a call failed since the last answer. */
  readonly dueAt: number | null;
  readonly isFailing: boolean;
}

export type Hearing = 'Heard' | 'Unknown' | 'Unreachable';

/** Nothing was asked yet. */
export function newContact(now: number): VaultContact {
  return { since: now, answered: false, dueAt: null, isFailing: false };
}

export function heard(now: number): VaultContact {
  return { since: now, answered: true, dueAt: null, isFailing: false };
}

/** A call waits up to so long (milliseconds) for something to tell. To ask again after a failure is no answer. */
export function asked(contact: VaultContact, now: number, waits: number): VaultContact {
  return contact.isFailing ? contact : { ...contact, dueAt: now + waits + PATIENCE_MS };
}

export function failed(contact: VaultContact): VaultContact {
  return { ...contact, dueAt: null, isFailing: true };
}

/** Milliseconds without an answer; 0 while one is waited for that is not due: a vault that hangs is as one that is gone. */
export function silenceOf({ since, dueAt }: VaultContact, now: number): number {
  return dueAt !== null && now < dueAt ? 0 : Math.max(0, now - since);
}

export function hearingOf(contact: VaultContact, now: number): Hearing {
  const silence = silenceOf(contact, now);
  if (silence >= UNREACHABLE_AFTER_MS) return 'Unreachable';
  return silence >= UNKNOWN_AFTER_MS ? 'Unknown' : 'Heard';
}

export function isStale(contact: VaultContact, now: number): boolean {
  return silenceOf(contact, now) >= STALE_AFTER_MS;
}
