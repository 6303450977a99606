import { inspect } from 'node:util';

const REDACTED = '[redacted]';

/**
 * A value that must never be printed (design §10): every way of turning it into text gives `[redacted]`.
 * `reveal()` is the one way to the text; its callers are the wire, the cipher and the Secret writer.
 */
export class SecretValue {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
