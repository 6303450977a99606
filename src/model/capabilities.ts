/**
 * The capability matrix (design §3): every cell that a permission template can name, its scope, and the
 * baselines that the roles start from. Rules T3 (scope), T4 (owner only), O4 (baselines).
 *
 * Decides O4: the baseline of each role.
 * Decides T3: the scope of each cell.
 * Decides T4: which cells are the owner's alone.
 * Decides G1: the cells of a grant, of which Write has those of Read.
 */

export const CATEGORIES = [
  'Machines',
  'Audit log',
  'Alerts',
  'IP allowlist',
  'Integrations',
  'Trash',
  'Projects',
  'Secrets',
  'Policies',
  'Templates',
  'Organization',
  'Support',
] as const;

export type Category = (typeof CATEGORIES)[number];

/** `Category: Cell`, for example `Secrets: View`. */
export type CellId = `${Category}: ${string}`;

/** T3: a vault cell acts on the vault, a project cell only in the projects in scope. */
export type CellScope = 'vault' | 'project';

export interface CellDefinition {
  readonly id: CellId;
  readonly category: Category;
  readonly cell: string;
  readonly scope: CellScope;
  /** T4: filtered out of every template. */
  readonly ownerOnly: boolean;
}

const matrix: readonly (readonly [Category, string, CellScope?, 'owner'?])[] = [
  ['Machines', 'View'],
  ['Machines', 'Manage'],
  ['Audit log', 'View'],
  ['Audit log', 'View others'],
  ['Alerts', 'View'],
  ['Alerts', 'Manage'],
  ['IP allowlist', 'View'],
  ['IP allowlist', 'Manage'],
  ['Integrations', 'View'],
  ['Integrations', 'Manage'],
  ['Trash', 'View'],
  ['Trash', 'Restore'],
  ['Trash', 'Purge'],
  ['Projects', 'Create'],
  ['Projects', 'View', 'project'],
  ['Projects', 'Manage', 'project'],
  ['Projects', 'Delete', 'project'],
  ['Secrets', 'View', 'project'],
  ['Secrets', 'Manage', 'project'],
  ['Policies', 'View', 'project'],
  ['Policies', 'Manage', 'project'],
  ['Templates', 'View'],
  ['Templates', 'Manage', 'vault', 'owner'],
  ['Organization', 'View members'],
  ['Organization', 'Invite'],
  ['Organization', 'Suspend'],
  ['Organization', 'Remove'],
  ['Organization', 'Assign templates', 'vault', 'owner'],
  ['Organization', 'Change member scope', 'vault', 'owner'],
  ['Support', 'View'],
  ['Support', 'Manage'],
];

/** All cells, in the order of the matrix. */
export const CELLS: readonly CellDefinition[] = matrix.map(([category, cell, scope = 'vault', owner]) => ({
  id: `${category}: ${cell}`,
  category,
  cell,
  scope,
  ownerOnly: owner === 'owner',
}));

const byId = new Map(CELLS.map((definition) => [definition.id as string, definition]));

/** The definition of a cell, or undefined where the matrix has no such cell. */
export function cellDefinition(id: string): CellDefinition | undefined {
  return byId.get(id);
}

/** The cells of a category, in the order of the matrix. */
export function cellsOf(category: Category): readonly string[] {
  return CELLS.filter((definition) => definition.category === category).map((definition) => definition.cell);
}

/** A template's cells as its author writes them: category to list of cells. */
export type Capabilities = { readonly [category in Category]?: readonly string[] | undefined };

/** The cells that a template can really give, in matrix order: unknown and owner-only ones (T4) fall away. */
export function templateCells(capabilities: Capabilities): readonly CellDefinition[] {
  return CELLS.filter(
    (definition) =>
      !definition.ownerOnly && capabilities[definition.category]?.includes(definition.cell) === true,
  );
}

const id = (cell: CellId): CellDefinition => {
  const definition = byId.get(cell);
  if (definition === undefined) throw new Error(`no such cell: ${cell}`);
  return definition;
};

/** O4: what an admin has without a template; project cells in all projects. */
export const ADMIN_BASELINE: readonly CellDefinition[] = [
  id('Audit log: View'),
  id('Projects: Create'),
  id('Projects: View'),
  id('Projects: Manage'),
  id('Organization: View members'),
];

/** O4: what every member has. */
export const MEMBER_BASELINE: readonly CellDefinition[] = [id('Audit log: View')];

/** What a grant gives in its project (design §3): Write includes Read (G1). */
export const GRANT_CELLS: Readonly<Record<'Read' | 'Write', readonly CellDefinition[]>> = {
  Read: [id('Projects: View'), id('Secrets: View')],
  Write: [id('Projects: View'), id('Secrets: View'), id('Secrets: Manage')],
};
