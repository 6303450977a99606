/** Cells of a change for people: those of one category together, and projects that have the same ones together. */
import { CELLS, type CellDefinition } from '#model/capabilities.ts';

/** What changes of a cell where, as consequences say it: `Secrets: View in web`. */
interface Placed {
  readonly definition: CellDefinition;
  /** `web`, `all projects`; empty for a cell of the whole vault. */
  readonly place: string;
}

const IN_MATRIX = new Map(CELLS.map(({ id }, index) => [id as string, index]));

/**
 * `Secrets: View, Manage in payments, website`, in the order of the matrix; what is no cell (`web/token`) stays as it is,
 * after them.
 */
export function groupedCells(cells: readonly string[]): string[] {
  const placed = cells.map((cell) => placedCell(cell));
  const byPlace = new Map<string, { category: string; place: string; names: [number, string][] }>();
  for (const one of placed) {
    if (one === null) continue;
    const { definition, place } = one;
    const key = JSON.stringify([definition.category, place]);
    const group = byPlace.get(key) ?? { category: definition.category, place, names: [] };
    group.names.push([IN_MATRIX.get(definition.id) ?? 0, definition.cell]);
    byPlace.set(key, group);
  }
  const alike = new Map<string, { said: string; at: number; places: string[] }>();
  for (const { category, place, names } of byPlace.values()) {
    const sorted = names.toSorted(([a], [b]) => a - b);
    const said = `${category}: ${sorted.map(([, name]) => name).join(', ')}`;
    // Of the whole vault it stands by itself.
    const key = JSON.stringify([said, place === '']);
    const group = alike.get(key) ?? { said, at: sorted[0]?.[0] ?? 0, places: [] };
    if (place !== '') group.places.push(place);
    alike.set(key, group);
  }
  const lines = [...alike.values()]
    .toSorted((a, b) => a.at - b.at)
    .map(({ said, places }) => (places.length === 0 ? said : `${said} in ${places.toSorted().join(', ')}`));
  return [...lines, ...cells.filter((_, index) => placed[index] === null)];
}

/** Null: it is no cell of the matrix. A name of a project may have anything in it, ` in ` too. */
function placedCell(text: string): Placed | null {
  const definition = CELLS.find(({ id }) => text === id || text.startsWith(`${id} in `));
  if (definition === undefined) return null;
  return { definition, place: text.slice(definition.id.length).replace(/^ in /, '') };
}
