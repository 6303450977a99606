/**
 * What objects of a namespace may declare (design §4, `access`): what no entry names is not allowed.
 *
 * Decides rail 2: what a namespace may bring.
 */
import { CATEGORIES, type Capabilities } from './capabilities.ts';
import type { NamespaceAccess } from './fields.ts';

/** What a declaration takes of the entry of its namespace; of an entry, all that it allows. */
export type AllowedItems = Omit<NamespaceAccess, 'namespace'>;

/** Nothing at all: what a namespace without an entry may bring. */
export const NO_ITEMS: AllowedItems = { kinds: [], roles: [], templates: [], cells: {}, projects: [] };

export function accessOfNamespace(
  access: readonly NamespaceAccess[],
): (namespace: string) => AllowedItems | undefined {
  const entries = new Map(access.map((entry) => [entry.namespace, entry]));
  return (namespace) => entries.get(namespace);
}

/** What of `asked` is not allowed; null: all of it is. */
export function lackingIn(allowed: AllowedItems = NO_ITEMS, asked: AllowedItems): AllowedItems | null {
  const lacking: AllowedItems = {
    kinds: beyond(allowed.kinds, asked.kinds),
    roles: beyond(allowed.roles, asked.roles),
    templates: beyond(allowed.templates, asked.templates),
    cells: cellsBeyond(allowed.cells, asked.cells),
    projects: beyond(allowed.projects, asked.projects),
  };
  return isNothing(lacking) ? null : lacking;
}

/** `kinds: [Member], cells: {Secrets: [View]}`: as a line of YAML has it. */
export function itemsText({ cells, ...lists }: AllowedItems): string {
  const categories = CATEGORIES.flatMap((category) => {
    const named = cells[category] ?? [];
    return named.length === 0 ? [] : [`${inYaml(category)}: ${listText(named)}`];
  });
  return [
    ...Object.entries(lists).flatMap(([field, items]) =>
      items.length === 0 ? [] : [`${field}: ${listText(items)}`],
    ),
    ...(categories.length === 0 ? [] : [`cells: {${categories.join(', ')}}`]),
  ].join(', ');
}

function isNothing({ cells, ...lists }: AllowedItems): boolean {
  return Object.keys(cells).length === 0 && Object.values(lists).every((items) => items.length === 0);
}

function cellsBeyond(allowed: Capabilities, asked: Capabilities): Capabilities {
  const found = CATEGORIES.flatMap((category) => {
    const cells = beyond(allowed[category] ?? [], asked[category] ?? []);
    return cells.length === 0 ? [] : [[category, cells] as const];
  });
  return Object.fromEntries(found);
}

function beyond<T extends string>(allowed: readonly T[], asked: readonly T[]): T[] {
  if (asked.length === 0) return [];
  const known = new Set(allowed);
  return asked.filter((item) => !known.has(item));
}

function listText(items: readonly string[]): string {
  return `[${items.map(inYaml).join(', ')}]`;
}

function inYaml(text: string): string {
  return /^[A-Za-z][\w -]*$/.test(text) ? text : JSON.stringify(text);
}
