/** All objects of one organization in one value, from the caches. */
import type { CustomResource, Kind } from '#api/v1alpha1/kinds.ts';
import { keyOf, type ReadonlyStore } from '#kube/kube.ts';
import { customResource, organizationKeyOf, type Resource } from '../resources.ts';

export interface OrganizationObjects {
  readonly organization: Resource<'Organization'>;
  readonly members: readonly Resource<'Member'>[];
  readonly groups: readonly Resource<'Group'>[];
  readonly templates: readonly Resource<'PermissionTemplate'>[];
  readonly projects: readonly Resource<'Project'>[];
  readonly bindings: readonly Resource<'MachineBinding'>[];
  readonly approvals: readonly Resource<'PlanApproval'>[];
}

/** Name of the index that every store but the Organizations' must have: `organizationIndex`. */
export const BY_ORGANIZATION = 'organization';

/** Objects by `namespace/name` of the Organization that they name. */
export function organizationIndex(object: Resource<Exclude<Kind, 'Organization'>>): readonly string[] {
  return [organizationKeyOf(object)];
}

export interface OrganizationStores {
  readonly organizations: ReadonlyStore<Resource<'Organization'>>;
  readonly members: ReadonlyStore<Resource<'Member'>>;
  readonly groups: ReadonlyStore<Resource<'Group'>>;
  readonly templates: ReadonlyStore<Resource<'PermissionTemplate'>>;
  readonly projects: ReadonlyStore<Resource<'Project'>>;
  readonly bindings: ReadonlyStore<Resource<'MachineBinding'>>;
  readonly approvals: ReadonlyStore<Resource<'PlanApproval'>>;
}

/**
 * The objects that name an Organization, given by `namespace/name`, from whatever namespace. Sorted by `namespace/name`,
 * so that the same objects give the same value in whatever order they came.
 */
export function objectsNaming(
  stores: OrganizationStores,
  key: string,
): Omit<OrganizationObjects, 'organization'> {
  const of = <K extends Kind>(store: ReadonlyStore<Resource<K>>): readonly Resource<K>[] =>
    store
      .byIndex(BY_ORGANIZATION, key)
      .map((object) => ({ object, key: keyOf(object.metadata) }))
      .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
      .map(({ object }) => object);
  return {
    members: of(stores.members),
    groups: of(stores.groups),
    templates: of(stores.templates),
    projects: of(stores.projects),
    bindings: of(stores.bindings),
    approvals: of(stores.approvals),
  };
}

/** What the engine reads; what is being deleted too, which declares nothing any more and names what it names. */
export function declarationsOf(objects: OrganizationObjects): readonly CustomResource[] {
  const of = <K extends Kind>(kind: K, list: readonly Resource<K>[]): readonly CustomResource[] =>
    list.map((object) => customResource(kind, object) as unknown as CustomResource);
  return [
    ...of('Member', objects.members),
    ...of('Group', objects.groups),
    ...of('PermissionTemplate', objects.templates),
    ...of('Project', objects.projects),
    ...of('MachineBinding', objects.bindings),
  ];
}
