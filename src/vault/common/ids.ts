import { randomFillSync, randomUUID } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Lengths of the random part; the first three are fixed by the machine plane's clients. */
const LENGTHS = {
  vault: 16,
  proj: 10,
  sk: 10,
  aud: 16,
  auto: 16,
  mem: 16,
  tpl: 16,
  grp: 16,
  inv: 16,
  res: 16,
  apr: 16,
  acc: 16,
  enr: 16,
  bst: 16,
  sid: 16,
  psk: 16,
  evt: 16,
  int: 16,
  cnf: 16,
  gain: 16,
} as const;

export type IdPrefix = keyof typeof LENGTHS;
export const ID_PREFIXES = Object.keys(LENGTHS) as readonly IdPrefix[];

/** Where new ids come from; tests bring their own. */
export interface Ids {
  /** `<prefix>_` and letters and digits. */
  make(prefix: IdPrefix): string;
  /** Machines are UUIDs. */
  machine(): string;
}

export const randomIds: Ids = {
  make: (prefix) => `${prefix}_${alphanumeric(LENGTHS[prefix])}`,
  machine: () => randomUUID(),
};

/** Uniform letters and digits: bytes that would favour some are drawn again. For names, never for what is secret. */
export function alphanumeric(length: number): string {
  let text = '';
  while (text.length < length) {
    const byte = drawn();
    const character = byte < 248 ? ALPHABET[byte % ALPHABET.length] : undefined;
    if (character !== undefined) text += character;
  }
  return text;
}

/** Drawn ahead: a call for each id costs more than what it is for, where each read of a machine takes one. */
const POOL = new Uint8Array(4096);
let next = POOL.length;

function drawn(): number {
  if (next === POOL.length) {
    randomFillSync(POOL);
    next = 0;
  }
  const byte = POOL[next] ?? 0;
  next += 1;
  return byte;
}
