/** Under which key of a Secret a value stands. Pure. */
import type { FromItem } from './selection.ts';

/** What `from` makes of the name of a secret, or of a field. */
export function keyFrom(name: string, { removePrefix = '', keys, prefix = '' }: FromItem): string {
  const rest = name.startsWith(removePrefix) ? name.slice(removePrefix.length) : name;
  return prefix + (keys === 'Environment' ? variableOf(rest) : rest);
}

/** In capitals, by ASCII alone, and _ in place of what no variable has. */
function variableOf(name: string): string {
  const letters = name.replaceAll(/[^A-Za-z0-9_]/g, '_').toUpperCase();
  return /^[0-9]/.test(letters) ? `_${letters}` : letters;
}
