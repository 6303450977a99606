/** A fingerprint added to a list of an object's `spec.key` in the text of its file, with everything else as it was. Pure. */
import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseAllDocuments,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import { READING } from './plain-scalars.ts';

/**
 * The text with `spec.key.compromised` of the MachineBinding of that name holding the fingerprint too; itself where it does.
 * Null where that is written in a way that a person has to change by hand (JSON, an alias, a list without items).
 */
export function withCompromised(
  text: string,
  { metadata }: Pick<CustomResource, 'metadata'>,
  fingerprint: string,
): string | null {
  for (const { contents } of parseAllDocuments(text, READING) as Document[]) {
    if (!isMap(contents) || contents.get('kind') !== 'MachineBinding') continue;
    if (contents.getIn(['metadata', 'name']) !== metadata.name) continue;
    const key = contents.getIn(['spec', 'key']);
    return isMap(key) && contents.flow !== true ? withItem(text, key, fingerprint) : null;
  }
  return null;
}

function withItem(text: string, key: YAMLMap, fingerprint: string): string | null {
  // A fingerprint may read as a number.
  const item = JSON.stringify(fingerprint);
  const there = (key.items as Pair[]).find((pair) => isScalar(pair.key) && pair.key.value === 'compromised');
  if (there === undefined) return withList(text, key, item);
  if (!isSeq(there.value)) return null;
  const list = there.value;
  if (list.items.some((one) => isScalar(one) && one.value === fingerprint)) return text;
  return list.flow === true ? inFlow(text, list, item) : inLines(text, list, item);
}

function withList(text: string, key: YAMLMap, item: string): string | null {
  if (key.flow === true) {
    const last = startOf(key.items.at(0)?.key);
    return last === undefined ? null : insert(text, last, `compromised: [${item}], `);
  }
  const at = startOf(key.items[0]?.key);
  if (at === undefined) return null;
  const { start, before, newline } = lineOf(text, at);
  if (before.trim() !== '') return null;
  return insert(text, start, `${before}compromised:${newline}${before}  - ${item}${newline}`);
}

function inFlow(text: string, list: YAMLSeq, item: string): string | null {
  const first = startOf(list.items[0]);
  if (first !== undefined) return insert(text, first, `${item}, `);
  return list.range == null ? null : insert(text, list.range[0] + 1, item);
}

function inLines(text: string, list: YAMLSeq, item: string): string | null {
  const at = startOf(list.items[0]);
  if (at === undefined) return null;
  const { start, before, newline } = lineOf(text, at);
  return /^ *- +$/.test(before) ? insert(text, start, `${before}${item}${newline}`) : null;
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) ? (node as Node).range?.[0] : undefined;
}

/** The line of a place: where it begins, and what stands in it before the place. */
function lineOf(text: string, at: number): { start: number; before: string; newline: string } {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const newline = text.slice(start).includes('\r\n') ? '\r\n' : '\n';
  return { start, before: text.slice(start, at), newline };
}

function insert(text: string, at: number, what: string): string {
  return text.slice(0, at) + what + text.slice(at);
}
