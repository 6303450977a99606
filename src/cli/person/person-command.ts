/** One thing that a person does at the vault from a terminal: what is asked, and how the answer is shown. */
import type { Person } from './as-person.ts';

export interface Argument {
  /** `<name>`, `[name]` or `<name...>`. */
  readonly name: string;
  readonly description: string;
  readonly choices?: readonly string[];
}

export interface Flag {
  /** As commander reads it: `--role <role>`. */
  readonly flags: string;
  readonly description: string;
  readonly choices?: readonly string[];
  readonly required?: true;
}

export interface CommandInput {
  readonly arguments: readonly (string | readonly string[] | undefined)[];
  readonly options: Readonly<Record<string, string | readonly string[] | boolean | undefined>>;
}

export interface Column<Row> {
  readonly title: string;
  readonly of: (row: Row) => string;
}

/** What came of it: the JSON of `-o json`, and the text for people. Neither holds a key, a token or a value. */
export interface Told {
  readonly json: unknown;
  readonly text: string;
}

export interface OwnerCommand {
  /** `member suspend`. */
  readonly words: readonly [noun: string, verb: string];
  readonly description: string;
  /** What somebody types after the words, where there is anything to type. */
  readonly example?: string;
  /** Left out: about the vault. `nobody`: before there is a session. */
  readonly about?: 'account' | 'nobody';
  readonly arguments?: readonly Argument[];
  readonly flags?: readonly Flag[];
  /**
   * What would be taken, which may be asked of the vault first; null: nothing is, and nobody is asked. Without --yes it is
   * done where somebody at a terminal says so, else nothing is sent.
   */
  readonly confirm?: (given: CommandInput, person: Person) => Promise<string | null> | string | null;
  readonly run: (given: CommandInput, person: Person) => Promise<Told>;
}

/** The nth argument, which commander has seen to be there. */
export function argument(given: CommandInput, index: number): string {
  const value = given.arguments[index];
  return typeof value === 'string' ? value : '';
}

export function argumentsFrom(given: CommandInput, index: number): readonly string[] {
  const value = given.arguments[index];
  return Array.isArray(value) ? value : typeof value === 'string' ? [value] : [];
}

/** Addresses of an argument, parted by spaces or commas: `a@x.example, b@x.example`. */
export function emailsFrom(given: CommandInput, index: number): readonly string[] {
  return argumentsFrom(given, index)
    .flatMap((text) => text.split(/[\s,]+/))
    .filter((text) => text !== '');
}

export function option(given: CommandInput, name: string): string | undefined {
  const value = given.options[name];
  return typeof value === 'string' ? value : undefined;
}

/** The texts of an option that may be given several times. */
export function optionList(given: CommandInput, name: string): readonly string[] | undefined {
  const value = given.options[name];
  return Array.isArray(value) ? value : undefined;
}

export function isGiven(given: CommandInput, name: string): boolean {
  return given.options[name] === true;
}

/** An act without an answer. */
export function done(text: string): Told {
  return { json: { done: true }, text };
}
