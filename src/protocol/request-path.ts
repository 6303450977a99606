/**
 * How clients of ours write a path: the one place that puts names into it. Whatever sends takes a `RequestPath` and no
 * text, so that no name comes into a path without having been escaped, and none that the way would change.
 *
 * Decides V7: which paths our clients send.
 */
import { isPathSegment } from '#model/names.ts';
import type { ROUTES } from './management.ts';

type Route = (typeof ROUTES)[keyof typeof ROUTES];

/** Path and query of a request; made by `pathTo`. */
export class RequestPath {
  readonly #text: string;

  constructor(literal: readonly string[], values: readonly (string | RequestPath)[]) {
    const parts = values.map((value) => (value instanceof RequestPath ? value.#text : segmentOf(value)));
    this.#text = literal.reduce((text, next, index) => `${text}${parts[index - 1] ?? ''}${next}`);
  }

  /** With a query; what is undefined is left out. */
  asking(query: Readonly<Record<string, string | number | undefined>>): RequestPath {
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    const text = given.map(([name, value]) => `${name}=${encodeURIComponent(value ?? '')}`).join('&');
    return text === '' ? this : new RequestPath([`${this.#text}?${text}`], []);
  }

  /** A route of the management plane below this. */
  below(route: Route): RequestPath {
    return new RequestPath([this.#text + route], []);
  }

  /** As it is sent and signed. */
  toString(): string {
    return this.#text;
  }
}

/**
 * A path out of literal text, and of values that are one segment each, or paths: pathTo`/groups/${name}/members`.
 * Throws UnsendableNameError.
 */
export function pathTo(literal: TemplateStringsArray, ...values: (string | RequestPath)[]): RequestPath {
  return new RequestPath(literal, values);
}

/** A name that stands for another path than the one meant. */
class UnsendableNameError extends Error {
  readonly code = 'UnsendableName';
  readonly publicMessage: string;
  readonly next = 'Name it by its id, which the list of its kind shows with -o json.';

  constructor(name: string) {
    const message = `${JSON.stringify(name)} cannot be a part of a path.`;
    super(message);
    this.name = 'UnsendableNameError';
    this.publicMessage = message;
  }
}

function segmentOf(name: string): string {
  if (!isPathSegment(name)) throw new UnsendableNameError(name);
  return encodeURIComponent(name);
}
