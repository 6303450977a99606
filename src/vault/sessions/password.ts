/**
 * Argon2id of passwords (V5), as PHC strings so that the cost can be raised while old hashes still verify.
 *
 * Decides V5: how passwords are hashed.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { inTurn } from './hashing.ts';

const argon = promisify(argon2);

function derive(...[kind, parameters]: Parameters<typeof argon>): Promise<Buffer> {
  return inTurn(() => argon(kind, parameters));
}

/** OWASP's first choice for Argon2id: 19 MiB, two passes, one lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const TAG_LENGTH = 32;

/** Passwords are at least this many characters long. */
export const SHORTEST_PASSWORD = 12;
/** Bytes; what is longer costs the server time and adds nothing. */
export const LONGEST_PASSWORD = 1024;

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const tag = await derive('argon2id', {
    message: password,
    nonce: salt,
    tagLength: TAG_LENGTH,
    ...COST,
  });
  const { memory, passes, parallelism } = COST;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
}

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Whether the password is the one that was hashed. False for a hash that is none; takes the time of the hash. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const parts = PHC.exec(hash);
  if (parts === null || password.length > LONGEST_PASSWORD) return false;
  const [, memory, passes, parallelism, salt = '', expected = ''] = parts;
  const wanted = Buffer.from(expected, 'base64');
  const tag = await derive('argon2id', {
    message: password,
    nonce: Buffer.from(salt, 'base64'),
    tagLength: wanted.length,
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
  });
  return timingSafeEqual(tag, wanted);
}

/**
 * Takes the time of a verification and says no: so that the answer for an address without an account
 * comes no sooner than for one with a wrong password.
 */
export async function verifyAgainstNobody(password: string): Promise<false> {
  nobody ??= hashPassword(randomBytes(32).toString('base64'));
  await verifyPassword(password, await nobody);
  return false;
}
let nobody: Promise<string> | undefined;

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
