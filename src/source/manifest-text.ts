/**
 * Objects as YAML that kubectl and this program read alike. Pure. Whatever a parser might take for something else than a
 * text stands in quotes, so that no name becomes a number, a flag or a date (`plain-scalars.ts` is the other way).
 */
import type { CustomResource } from '#api/v1alpha1/kinds.ts';

/** Texts that no version of YAML reads as anything else, and that need no escape. */
const PLAIN = /^[A-Za-z][A-Za-z0-9_@/.+-]*(?: [A-Za-z0-9_@/.+-]+)*$/;
/** But for these: flags and nothing, as YAML 1.1 has them, and numbers that are none. */
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf|infinity)$/i;
/** What a YAML stream may not hold, or what one reader shows and another does not; JSON escapes the rest. */
const ESCAPED = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** One document. `comments` stand above it, a line each. */
export function manifestText(object: CustomResource, comments: readonly string[] = []): string {
  const { apiVersion, kind, metadata, spec } = object;
  return [...comments.map(commentLine), ...mapLines({ apiVersion, kind, metadata, spec }, '')]
    .join('\n')
    .concat('\n');
}

/** Documents of one file. */
export function documentsText(texts: readonly string[]): string {
  return texts.join('---\n');
}

/** A line that stays a comment, whatever it says. */
function commentLine(text: string): string {
  return `# ${text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')}`;
}

function mapLines(map: object, indent: string): string[] {
  return Object.entries(map).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return isEmptyOrScalar(value)
      ? [`${indent}${scalarText(key)}: ${inlineText(value)}`]
      : [`${indent}${scalarText(key)}:`, ...blockLines(value, `${indent}  `)];
  });
}

function blockLines(value: object, indent: string): string[] {
  if (!Array.isArray(value)) return mapLines(value, indent);
  return value.flatMap((item: unknown) => {
    if (isEmptyOrScalar(item)) return [`${indent}- ${inlineText(item)}`];
    const [first = '', ...rest] = blockLines(item as object, `${indent}  `);
    return [`${indent}- ${first.trimStart()}`, ...rest];
  });
}

function isEmptyOrScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null || Object.keys(value).length === 0;
}

function inlineText(value: unknown): string {
  if (Array.isArray(value)) return '[]';
  if (typeof value === 'object' && value !== null) return '{}';
  return scalarText(value);
}

function scalarText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  if (PLAIN.test(value) && !WORDS.test(value)) return value;
  return JSON.stringify(value).replaceAll(ESCAPED, escaped);
}

/** Both halves, where the character has two. */
function escaped(character: string): string {
  return character
    .split('')
    .map((half) => `\\u${half.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
