/** Where the seven kinds are served, and the shape in which caches hold their objects. */
import {
  type CustomResource,
  GROUP,
  type Kind,
  organizationReferredTo,
  RESOURCES,
  type Spec,
  VERSION,
} from '#api/v1alpha1/kinds.ts';
import type { KubeObject, ObjectMeta, ResourceType } from '#kube/kube.ts';

/** An object of one of our kinds as the API server sends it. */
export interface Resource<K extends Kind = Kind> extends KubeObject {
  apiVersion?: string;
  kind?: K;
  metadata: ObjectMeta;
  spec: Spec<K>;
  status?: unknown;
}

export function resourceType<K extends Kind>(kind: K): ResourceType<Resource<K>> {
  return { group: GROUP, version: VERSION, resource: RESOURCES[kind], kind, namespaced: true };
}

export const ORGANIZATIONS = resourceType('Organization');
export const MACHINE_BINDINGS = resourceType('MachineBinding');
export const PLAN_APPROVALS = resourceType('PlanApproval');

/** Name of a CRD: where its UID is read. */
export function crdNameOf(kind: Kind): string {
  return `${RESOURCES[kind]}.${GROUP}`;
}

/** As the engine takes it; items of a list answer lack kind and apiVersion, so they are filled in. */
export function customResource<K extends Kind>(kind: K, object: Resource<K>): CustomResource<K> {
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind,
    metadata: { ...object.metadata, namespace: object.metadata.namespace ?? '' },
    spec: object.spec,
    status: object.status,
  };
}

/** `namespace/name` of the Organization that an object names. */
export function organizationKeyOf(object: Resource<Exclude<Kind, 'Organization'>>): string {
  return organizationReferredTo(object) ?? '';
}

/** The namespaces whose objects may count for the Organization: its own, and those that `access` lists. */
export function namespacesOf({ metadata, spec }: Resource<'Organization'>): readonly string[] {
  return [...new Set([metadata.namespace ?? '', ...(spec.access ?? []).map(({ namespace }) => namespace)])];
}
