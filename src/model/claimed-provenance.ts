/**
 * How much of a claim of Git tooling is carried: whoever may annotate an object writes it, at any length.
 *
 * Decides A4: how long a claim may be, and how it is marked where it was cut.
 */
import type { Provenance } from './record.ts';

type TextField = Exclude<keyof Provenance, 'notFromGit'>;

/** Characters (Unicode code points, as JSON Schema counts) of each field at most; the vault refuses more. */
export const PROVENANCE_LENGTHS = {
  commit: 256,
  path: 1024,
  author: 512,
  changeUrl: 2048,
  fieldManager: 256,
  changedAt: 64,
  repository: 2048,
} as const satisfies Record<TextField, number>;

/** Stands at the end of a claim that was longer. */
const SHORTENED = '… (shortened)';

/** Control characters, which no database or terminal should be handed, and halves of surrogate pairs. */
const UNPRINTABLE = /\p{Cc}|\p{Cs}/gu;

/**
 * What is claimed, as it goes into steps, records and audit entries: each field within its length, ending in
 * `… (shortened)` where it was cut; a character that cannot be stored or shown is U+FFFD. What is no field is left out.
 */
export function boundedProvenance(claimed: Provenance): Provenance {
  const fields = Object.entries(PROVENANCE_LENGTHS) as [TextField, number][];
  const texts = fields.flatMap(([field, length]) => {
    const text = claimed[field];
    return text === undefined ? [] : [[field, bounded(text, length)] as const];
  });
  return { ...Object.fromEntries(texts), ...(claimed.notFromGit === true ? { notFromGit: true } : {}) };
}

function bounded(text: string, length: number): string {
  // A character is one or two units: no more of a text of 256 KiB is looked at than could stay.
  const characters = Array.from(text.slice(0, 2 * length + 2));
  const kept =
    characters.length <= length ? characters : [...characters.slice(0, length - SHORTENED.length), SHORTENED];
  return kept.join('').replace(UNPRINTABLE, '\ufffd');
}
