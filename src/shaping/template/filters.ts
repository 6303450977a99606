/**
 * All filters that a template may use. None of the library's is among them: each of these says before it works how much
 * text it makes, reads no clock and no place beside its arguments. Pure.
 */
import { type Budget, LONGEST_RESULT, OverBudget } from './spending.ts';

/** What the library passes in: numbers, texts, lists, undefined. */
type Argument = unknown;
export type Filter = (budget: Budget, value: Argument, ...args: readonly Argument[]) => unknown;

export const FILTERS: Readonly<Record<string, Filter>> = {
  append: (budget, value, more) => {
    const texts = [textOf(value), textOf(more)] as const;
    within(budget, texts[0].length + texts[1].length);
    return texts[0] + texts[1];
  },
  prepend: (budget, value, more) => {
    const texts = [textOf(more), textOf(value)] as const;
    within(budget, texts[0].length + texts[1].length);
    return texts[0] + texts[1];
  },
  upcase: (budget, value) => taken(budget, value).toUpperCase(),
  downcase: (budget, value) => taken(budget, value).toLowerCase(),
  strip: (budget, value) => taken(budget, value).trim(),
  lstrip: (budget, value) => taken(budget, value).trimStart(),
  rstrip: (budget, value) => taken(budget, value).trimEnd(),
  /** Each line but the first further in, by so many blanks: for YAML. */
  indent: (budget, value, by) => {
    const blanks = ' '.repeat(Math.min(Math.max(Math.trunc(Number(by ?? 2)) || 0, 0), 64));
    const lines = taken(budget, value).split('\n');
    return joined(budget, lines, `\n${blanks}`);
  },
  replace: (budget, value, from, to) => {
    const parts = taken(budget, value).split(textOf(from));
    return joined(budget, parts, textOf(to));
  },
  remove: (budget, value, what) => joined(budget, taken(budget, value).split(textOf(what)), ''),
  split: (budget, value, by) => taken(budget, value).split(textOf(by)),
  join: (budget, value, by) => joined(budget, listOf(value).map(textOf), by === undefined ? ' ' : textOf(by)),
  first: (_, value) => (typeof value === 'string' ? value.slice(0, 1) : listOf(value)[0]),
  last: (_, value) => (typeof value === 'string' ? value.slice(-1) : listOf(value).at(-1)),
  size: (_, value) => (typeof value === 'string' ? value.length : listOf(value).length),
  default: (_, value, other) =>
    value === undefined || value === null || value === false || value === '' ? other : value,
  plus: (_, value, other) => Number(value) + Number(other),
  minus: (_, value, other) => Number(value) - Number(other),
  /** As JSON: a text in quotes, for JSON, YAML and TOML alike. */
  json: (budget, value) => {
    const text = JSON.stringify(typeof value === 'string' ? taken(budget, value) : listed(budget, value));
    within(budget, text.length);
    return text;
  },
  base64_encode: (budget, value) => Buffer.from(taken(budget, value), 'utf8').toString('base64'),
  base64_decode: (budget, value) => Buffer.from(taken(budget, value), 'base64').toString('utf8'),
  /** For a part of a URL: a password in a connection string. */
  url_encode: (budget, value) => {
    const text = taken(budget, value);
    within(budget, 9 * text.length);
    return encodeURIComponent(text.toWellFormed()).replaceAll(
      /[!'()*]/g,
      (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  },
  /** In single quotes, for a shell. */
  shell: (budget, value) => `'${joined(budget, taken(budget, value).split("'"), "'\\''")}'`,
};

/** The text of an argument, its length spent. */
function taken(budget: Budget, value: Argument): string {
  const text = textOf(value);
  budget.spend(text.length);
  return text;
}

/** Numbers and texts alone: a list or a map is printed by `join` or `json`. */
function textOf(value: Argument): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return '';
}

function listOf(value: Argument): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function listed(budget: Budget, value: Argument): unknown {
  if (Array.isArray(value)) {
    budget.spend(value.length);
    return value.map((each) => listed(budget, each));
  }
  if (typeof value === 'string') return taken(budget, value);
  return typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function joined(budget: Budget, parts: readonly string[], by: string): string {
  let length = by.length * Math.max(parts.length - 1, 0);
  for (const part of parts) length += part.length;
  within(budget, length);
  return parts.join(by);
}

/** @throws OverBudget before a text of that length is made. */
function within(budget: Budget, length: number): void {
  if (length > LONGEST_RESULT) throw new OverBudget('makes a text of more than 1 MiB');
  budget.spend(length);
}
