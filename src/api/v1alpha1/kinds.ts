/** The seven kinds: one zod schema of the spec each; types, validation and `crds/` come from them (design §4). */
import type { z } from 'zod';
import { groupSpec } from './group.ts';
import { machineBindingSpec } from './machine-binding.ts';
import { memberSpec } from './member.ts';
import { organizationSpec } from './organization.ts';
import { permissionTemplateSpec } from './permission-template.ts';
import { planApprovalSpec } from './plan-approval.ts';
import { projectSpec } from './project.ts';

export const GROUP = 'seneschal.dev';
export const VERSION = 'v1alpha1';

export const SPECS = {
  Organization: organizationSpec,
  Member: memberSpec,
  Group: groupSpec,
  PermissionTemplate: permissionTemplateSpec,
  Project: projectSpec,
  MachineBinding: machineBindingSpec,
  PlanApproval: planApprovalSpec,
} as const;

export type Kind = keyof typeof SPECS;
export const KINDS = Object.keys(SPECS) as Kind[];

/** Plural resource names, as in paths and RBAC. */
export const RESOURCES: Readonly<Record<Kind, string>> = {
  Organization: 'organizations',
  Member: 'members',
  Group: 'groups',
  PermissionTemplate: 'permissiontemplates',
  Project: 'projects',
  MachineBinding: 'machinebindings',
  PlanApproval: 'planapprovals',
};

export type Spec<K extends Kind> = z.infer<(typeof SPECS)[K]>;

/** Annotations that people and Git tooling set. */
export const ANNOTATIONS = {
  adopt: `${GROUP}/adopt`,
  takeOver: `${GROUP}/take-over`,
  commit: `${GROUP}/commit`,
  path: `${GROUP}/path`,
  author: `${GROUP}/author`,
  changeUrl: `${GROUP}/change-url`,
} as const;

export interface ObjectMeta {
  readonly name: string;
  readonly namespace: string;
  readonly uid?: string | undefined;
  readonly generation?: number | undefined;
  readonly resourceVersion?: string | undefined;
  readonly creationTimestamp?: string | undefined;
  readonly deletionTimestamp?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly managedFields?: readonly ManagedFields[] | undefined;
}

/** What one writer has of an object, and when it last changed that. */
export interface ManagedFields {
  readonly manager?: string;
  /** RFC 3339, in seconds. */
  readonly time?: string;
  readonly subresource?: string;
  readonly fieldsV1?: Readonly<Record<string, unknown>>;
}

/** An object of one of our kinds, from a file or from the API server. */
export interface CustomResource<K extends Kind = Kind> {
  readonly apiVersion: string;
  readonly kind: K;
  readonly metadata: ObjectMeta;
  readonly spec: Spec<K>;
  readonly status?: unknown;
}

/**
 * `namespace/name` of the Organization that an object names; null for an Organization itself, and where the spec, which
 * need not be valid, names none.
 */
export function organizationReferredTo(object: {
  readonly metadata: { readonly namespace?: string | undefined };
  readonly spec?: unknown;
}): string | null {
  const { organizationRef } = (object.spec ?? {}) as {
    readonly organizationRef?: { readonly name?: unknown; readonly namespace?: unknown } | undefined;
  };
  if (typeof organizationRef?.name !== 'string') return null;
  const { name, namespace = object.metadata.namespace } = organizationRef;
  return `${typeof namespace === 'string' ? namespace : ''}/${name}`;
}
