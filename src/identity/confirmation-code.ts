/**
 * I4, the clients' half: a code that goes from the owner to the invitee outside the vault's mail, and the Ed25519 key
 * that both derive from it. The vault knows the public half and the salt, never the code.
 *
 * Decides I4: the code, and the key that both sides derive from it.
 */
import { argon2, createPrivateKey, randomBytes, randomInt } from 'node:crypto';
import { promisify } from 'node:util';
import { type KeyPair, publicKeyOf } from './key-pair.ts';

const derive = promisify(argon2);

/** Crockford's base 32, which has no letters that look like digits: 5 bits a character. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 80 bits. */
const LENGTH = 16;
const GROUP = 4;
const SALT_LENGTH = 16;

/**
 * RFC 9106's second choice: 64 MiB, three passes, four lanes. Fixed here and not told by the vault, which could ask for
 * less. Guessing off line costs as much a guess, for 2^80 codes.
 */
const COST = { memory: 65_536, passes: 3, parallelism: 4 } as const;

/** DER of an Ed25519 PrivateKeyInfo up to the 32 bytes of the seed (RFC 8410, section 7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A new code, `XXXX-XXXX-XXXX-XXXX`. It is shown once and kept nowhere. */
export function newConfirmationCode(): string {
  let code = '';
  for (let index = 0; index < LENGTH; index += 1) code += ALPHABET.charAt(randomInt(ALPHABET.length));
  return (code.match(new RegExp(`.{${GROUP}}`, 'g')) ?? []).join('-');
}

/** A new salt, standard base64. */
export function newConfirmationSalt(): string {
  return randomBytes(SALT_LENGTH).toString('base64');
}

/**
 * The 16 characters of a code as a person typed it: without case, blanks and dashes, O for 0, I and L for 1.
 * Undefined where it is none.
 */
export function parseConfirmationCode(text: string): string | undefined {
  const code = text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  const isCode = code.length === LENGTH && [...code].every((character) => ALPHABET.includes(character));
  return isCode ? code : undefined;
}

/** The key pair of a code under a salt (standard base64). Throws RangeError where the code is none. */
export async function confirmationKey(text: string, salt: string): Promise<KeyPair> {
  const code = parseConfirmationCode(text);
  // The code is not quoted: it may be right but for a letter.
  if (code === undefined) throw new RangeError('not a confirmation code');
  const seed = await derive('argon2id', {
    message: code,
    nonce: Buffer.from(salt, 'base64'),
    tagLength: 32,
    ...COST,
  });
  const key = Buffer.concat([PKCS8_PREFIX, seed]);
  const privateKey = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  return { privateKey, publicKey: publicKeyOf(privateKey) };
}
