/** What a new password must be. Pure. */
import { DomainError } from '../common/domain-error.ts';
import { LONGEST_PASSWORD, SHORTEST_PASSWORD } from './password.ts';

/**
 * What most passwords that are tried first are made of; of the length that is asked for, they are several of these,
 * or one and some digits.
 */
const COMMON_WORDS = [
  'abc abcd abcdef abcdefgh admin administrator asdf asdfgh asdfghjkl baseball batman changeme charlie default',
  'dragon football freedom hello iloveyou jordan killer letmein liverpool login lovely master michael monkey mustang',
  'nothing password passwort pass princess qazwsx qwer qwert qwerty qwertyuiop qwertz root secret seneschal shadow',
  'soccer starwars sunshine superman temp test thomas trustno user vault welcome whatever zxcv zxcvbn zxcvbnm',
  'spring summer autumn winter january february march april may june july august september october november december',
]
  .join(' ')
  .split(' ')
  .sort((a, b) => b.length - a.length);

/** Digits and signs that stand for letters. */
const STAND_INS: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

/** Letters that a password has beside common words, digits and the own address. */
const OWN_LETTERS = 4;

/**
 * Throws DomainError `PasswordTooShort`, `PasswordTooLong`, and `PasswordCommon` for one that is made of common words,
 * digits and the person's own address.
 */
export function checkPassword(password: string, email: string): void {
  if (password.length < SHORTEST_PASSWORD) {
    throw refused('PasswordTooShort', `A password has at least ${SHORTEST_PASSWORD} characters.`);
  }
  if (password.length > LONGEST_PASSWORD) {
    throw refused('PasswordTooLong', `A password has at most ${LONGEST_PASSWORD} characters.`);
  }
  const plain = password.normalize('NFKC').toLowerCase();
  const read = plain.replaceAll(/[013457@$!]/g, (sign) => STAND_INS[sign] ?? sign);
  const words = [...partsOf(email), ...COMMON_WORDS];
  if ([plain, read].some((text) => ownLetters(text, words) < OWN_LETTERS)) {
    throw refused(
      'PasswordCommon',
      'The password is made of common words, digits or your own address.',
      'Take several words that do not belong together, or a random one.',
    );
  }
}

/** How many different letters are left without the words. */
function ownLetters(text: string, words: readonly string[]): number {
  let left = text;
  for (const word of words) left = left.replaceAll(word, ' ');
  return new Set(left.match(/\p{L}/gu)).size;
}

/** The address, and what it is made of where that is long enough to mean anything; longest first. */
function partsOf(email: string): string[] {
  const whole = email.toLowerCase();
  return [whole, ...whole.split('@'), ...whole.split(/[^\p{L}\p{N}]+/u)].filter(({ length }) => length >= 3);
}

function refused(code: string, detail: string, next = 'Choose another password.'): DomainError {
  return new DomainError({ code, status: 422, detail, next });
}
