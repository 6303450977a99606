import { type Document, isAlias, isMap, isPair, isScalar, isSeq, type LineCounter, type Node } from 'yaml';
import type { Path } from '#api/v1alpha1/validate.ts';

/** Both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * Where a path of a document stands in its file: the value, or with `at: 'key'` its key; where the path does
 * not exist, the nearest thing around it that does.
 */
export function positionOf(
  document: Document,
  lines: LineCounter,
  path: Path,
  at: 'key' | 'value' = 'value',
): Position {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const [index, part] of path.entries()) {
    const found = step(document, node, part);
    if (found === undefined) break;
    const last = index === path.length - 1;
    offset =
      (last && at === 'key' ? startOf(found.key) : undefined) ??
      startOf(found.value) ??
      startOf(found.key) ??
      offset;
    node = found.value;
  }
  return offsetPosition(lines, offset ?? document.range?.[0] ?? 0);
}

/** The node at a path; undefined where there is none. */
export function nodeAt(document: Document, path: Path): unknown {
  return path.reduce<unknown>((node, part) => step(document, node, part)?.value, document.contents);
}

export function offsetPosition(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function step(
  document: Document,
  node: unknown,
  part: string | number,
): { key: unknown; value: unknown } | undefined {
  const target = isAlias(node) ? node.resolve(document) : node;
  if (isMap(target)) {
    const pair = target.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(part));
    return isPair(pair) ? { key: pair.key, value: pair.value } : undefined;
  }
  if (isSeq(target) && typeof part === 'number') {
    const value = target.items[part];
    return value === undefined ? undefined : { key: undefined, value };
  }
  return undefined;
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
