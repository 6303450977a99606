/** One field of an object's spec set in the text of its file, with everything else as it was. Pure. */
import { type Document, isMap, isScalar, type Pair, parseAllDocuments, type YAMLMap } from 'yaml';
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import { READING } from './plain-scalars.ts';

/**
 * The text with `spec.<field>: value` in the object of that kind and name. Null where the spec is not written in lines of
 * its own (JSON, `{...}`), so that a person has to do it. `value` is a plain word.
 */
export function withSpecField(
  text: string,
  { kind, metadata }: Pick<CustomResource, 'kind' | 'metadata'>,
  field: string,
  value: string,
): string | null {
  for (const { contents } of parseAllDocuments(text, READING) as Document[]) {
    if (!isMap(contents)) continue;
    if (contents.get('kind') !== kind || contents.getIn(['metadata', 'name']) !== metadata.name) continue;
    const spec = contents.get('spec');
    return isMap(spec) ? withField(text, spec, field, value) : null;
  }
  return null;
}

function withField(text: string, spec: YAMLMap, field: string, value: string): string | null {
  if (spec.flow === true) return null;
  const there = (spec.items as Pair[]).find(({ key }) => isScalar(key) && key.value === field);
  if (there !== undefined) {
    const range = isScalar(there.value) ? there.value.range : undefined;
    return range == null ? null : text.slice(0, range[0]) + value + text.slice(range[1]);
  }
  const first = spec.items[0]?.key;
  const at = isScalar(first) ? first.range?.[0] : undefined;
  if (at === undefined) return null;
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  const indent = text.slice(lineStart, at);
  if (indent.trim() !== '') return null;
  const newline = text.slice(lineStart).includes('\r\n') ? '\r\n' : '\n';
  return `${text.slice(0, lineStart)}${indent}${field}: ${value}${newline}${text.slice(lineStart)}`;
}
