/** Lists in the order that is the same on every machine. */
import { compareText } from '#model/text-order.ts';

export function sortedTexts(texts: Iterable<string>): string[] {
  return [...new Set(texts)].sort(compareText);
}

export function sortedBy<T>(items: Iterable<T>, keyOf: (item: T) => string): T[] {
  return [...items].sort((a, b) => compareText(keyOf(a), keyOf(b)));
}

/** `a, b, c and 4 more`: at most `limit` names. */
export function listed(names: readonly string[], limit = 5): string {
  if (names.length <= limit) return names.join(', ');
  return `${names.slice(0, limit).join(', ')} and ${names.length - limit} more`;
}
