/**
 * What a declaration takes of the entry of its namespace (design §4, `access`).
 *
 * Decides rail 2: what of an entry each kind takes.
 */
import { templateCells } from '#model/capabilities.ts';
import { type AllowedItems, NO_ITEMS } from '#model/namespace-access.ts';
import type {
  DesiredGroup,
  DesiredMachine,
  DesiredMember,
  DesiredProject,
  DesiredTemplate,
} from './plan-types.ts';

export function itemsOfMember({ member: { role, template }, grants }: DesiredMember): AllowedItems {
  return {
    ...NO_ITEMS,
    kinds: ['Member'],
    roles: [role],
    templates: template === null ? [] : [template],
    projects: grants.map(({ project }) => project),
  };
}

/** What it declares; what others give the group is judged by itself (`ManagedByObject`). */
export function itemsOfGroup({ fields: { grants } }: DesiredGroup): AllowedItems {
  return { ...NO_ITEMS, kinds: ['Group'], projects: grants.map(({ project }) => project) };
}

/** Its scope as a list: one of all projects is `isBoundless`. */
export function itemsOfTemplate({
  name,
  fields: { capabilities, projectScope },
}: DesiredTemplate): AllowedItems {
  return {
    kinds: ['PermissionTemplate'],
    roles: [],
    templates: [name],
    cells: capabilities,
    projects: projectScope === 'All' ? [] : projectScope,
  };
}

/** Whether cells of the template act in all projects: no entry allows that. */
export function isBoundless({ fields: { capabilities, projectScope } }: DesiredTemplate): boolean {
  return projectScope === 'All' && templateCells(capabilities).some(({ scope }) => scope === 'project');
}

export function itemsOfProject({ name }: DesiredProject): AllowedItems {
  return { ...NO_ITEMS, kinds: ['Project'], projects: [name] };
}

export function itemsOfMachine({ fields: { access } }: DesiredMachine): AllowedItems {
  return { ...NO_ITEMS, kinds: ['MachineBinding'], projects: access.map(({ project }) => project) };
}

/** Of a binding of the Organization's own namespace: the projects that none of its Project objects declares. */
export function undeclaredItems(
  { fields: { access } }: DesiredMachine,
  declared: ReadonlySet<string>,
): AllowedItems {
  const projects = access.map(({ project }) => project).filter((project) => !declared.has(project));
  return projects.length === 0 ? NO_ITEMS : { ...NO_ITEMS, kinds: ['MachineBinding'], projects };
}
