/** The projects whose things a list shows to one person: in the query, so that a page is full of what they may see. */
import { type EffectiveAccess, hasCell } from '#model/access.ts';
import type { CellId } from '#model/capabilities.ts';

/** Names; null: all. */
export function projectsWith(access: EffectiveAccess, cell: CellId): readonly string[] | null {
  if (hasCell(access, cell)) return null;
  return [...access.projects].filter(([, cells]) => cells.has(cell)).map(([name]) => name);
}
