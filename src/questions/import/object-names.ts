/** Names of Kubernetes objects for things of a vault: short, stable, one for each thing of a kind. Pure. */
import { sha256 } from '#model/digest.ts';

/** So short that `-key` and `-next` fit behind it, and a namespace's bound holds. */
const LONGEST = 50;
/** Hex digits of a hash that tell apart what comes to one name. */
const TELLING = 8;

/** Gives each key of a kind a name that no other key of the kind has; the same keys in the same order get the same names. */
export class ObjectNames {
  readonly #taken = new Set<string>();

  /** `readable`: what of the key a person would write; an e-mail is called by what is before its `@`. */
  nameOf(key: string, readable = key): string {
    const plain = nameFrom(readable);
    const name =
      plain === '' || this.#taken.has(plain)
        ? `${plain || 'object'}-${sha256(key).slice(0, TELLING)}`
        : plain;
    this.#taken.add(name);
    return name;
  }
}

/** Lower-case letters, digits and dashes of a text; empty where it has none. */
export function nameFrom(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST)
    .replaceAll(/^-+|-+$/g, '');
}

/** What is before the `@` of an e-mail. */
export function localPart(email: string): string {
  return email.slice(0, Math.max(0, email.indexOf('@')));
}
