/** How a command answers: text for people, or JSON for programs; times are RFC 3339 in both. */
import { print } from './print.ts';

export type Output = 'text' | 'json';

/** Prints what came of a command. `json` has times in milliseconds, as the vault says them. */
export function printAnswer(output: Output, json: unknown, text: string | (() => string)): void {
  if (output === 'json') print(jsonText(json));
  else print(typeof text === 'string' ? text : text());
}

/** Every time in it as RFC 3339. `indent` 0: one line. */
export function jsonText(value: unknown, indent = 2): string {
  return JSON.stringify(value, timesAsText, indent);
}

/** A moment as people read it, to the second; `-` for none. */
export function moment(at: number | null | undefined): string {
  return at == null ? '-' : new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** By name: a number of bytes may be as large as a time. */
const TIMES = /^(?:at|since|until|first|last|lastRead|lookedBackTo|[a-z]\w*(?:At|Until))$/;
const LATEST = 8_640_000_000_000_000;

/** What is signed, as an audit head, stays as it was signed: people keep it, and hold exports against it (A3). */
function timesAsText(this: object, key: string, value: unknown): unknown {
  if ('signature' in this) return value;
  const isTime = typeof value === 'number' && TIMES.test(key) && Math.abs(value) <= LATEST;
  return isTime ? moment(value) : value;
}
