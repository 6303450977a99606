/** The six kinds: one zod schema of the spec each; types, validation and `crds/` come from them (design §4). */
import { z } from 'zod';
import { CATEGORIES } from '../../model/capabilities.ts';
import {
  access,
  displayedName,
  email,
  localReference,
  projectScope,
  reinstate,
  secretObjectName,
} from './fields.ts';

export const GROUP = 'seneschal.dev';
export const VERSION = 'v1alpha1';

const budget = z.strictObject({
  min: z.int().min(0).max(100_000).optional(),
  max: z.int().min(0).max(100_000).optional(),
  percent: z.int().min(0).max(100).optional(),
});

export const organizationSpec = z.strictObject({
  vault: z.strictObject({
    seneschal: z.strictObject({
      url: z
        .string()
        .max(512)
        .regex(
          /^https?:\/\/[^/?#\s]+$/,
          'must be https://host[:port] or http://localhost[:port], without a path',
        ),
      vaultId: z
        .string()
        .max(64)
        .regex(/^vault_[A-Za-z0-9]{16}$/, 'must be vault_ and 16 letters or digits'),
      credentialsSecretRef: localReference,
      caSecretRef: localReference.optional(),
    }),
  }),
  displayName: displayedName.optional(),
  manager: z.string().min(1).max(253).optional(),
  rails: z
    .strictObject({
      settle: z
        .string()
        .max(16)
        .regex(/^[0-9]{1,5}(s|m)$/, 'must be a number of seconds or minutes, for example 30s')
        .optional(),
      lossBudget: z
        .strictObject({
          people: budget.optional(),
          suspensions: budget.optional(),
          access: budget.optional(),
          machines: budget.optional(),
          projects: budget.optional(),
        })
        .optional(),
      requiredAdmins: z.array(email).max(100).optional(),
      approvers: z
        .strictObject({
          users: z.array(z.string().min(1).max(253)).max(100).optional(),
          groups: z.array(z.string().min(1).max(253)).max(100).optional(),
        })
        .optional(),
    })
    .optional(),
  management: z.enum(['Full', 'Observe']).optional(),
  suspend: z.boolean().optional(),
});

export const memberSpec = z.strictObject({
  organizationRef: localReference,
  email,
  role: z.enum(['Admin', 'Member']).optional(),
  templateRef: localReference.optional(),
  projectScope: projectScope.optional(),
  grants: z
    .array(z.strictObject({ project: displayedName, access }))
    .max(1000)
    .optional(),
  state: z.enum(['Active', 'Suspended']).optional(),
  reinstate: reinstate.optional(),
});

export const permissionTemplateSpec = z.strictObject({
  organizationRef: localReference,
  name: displayedName.optional(),
  description: z.string().max(1024).optional(),
  capabilities: z.partialRecord(z.enum(CATEGORIES), z.array(z.string().max(64)).max(16)),
  projectScope: projectScope.optional(),
  reinstate: reinstate.optional(),
});

export const projectSpec = z.strictObject({
  organizationRef: localReference,
  name: displayedName.optional(),
  description: z.string().max(1024).optional(),
  grants: z
    .array(z.strictObject({ member: email, access }))
    .max(1000)
    .optional(),
  secrets: z
    .array(
      z.strictObject({
        name: displayedName,
        generator: z
          .strictObject({
            length: z.int().min(8).max(1024),
            charset: z.enum(['Alphanumeric', 'Hex', 'Ascii']).optional(),
          })
          .optional(),
      }),
    )
    .max(1000)
    .optional(),
  deletionPolicy: z.enum(['Orphan', 'Delete']).optional(),
});

export const machineBindingSpec = z.strictObject({
  organizationRef: localReference,
  machineName: displayedName,
  projects: z
    .array(z.strictObject({ name: displayedName, secrets: z.array(displayedName).max(500).optional() }))
    .max(100),
  key: z.strictObject({
    secretName: secretObjectName,
    mountPath: z
      .string()
      .max(512)
      .regex(/^\/[^\r\n]*$/, 'must be an absolute path')
      .optional(),
  }),
  targets: z
    .array(
      z.strictObject({
        secretName: secretObjectName,
        data: z
          .array(
            z.strictObject({
              /** Key of the Kubernetes Secret; absent: the name of the vault's secret. */
              key: z
                .string()
                .min(1)
                .max(253)
                .regex(/^[-._a-zA-Z0-9]+$/, 'may have letters, digits, dots, dashes and underscores')
                .optional(),
              project: displayedName,
              secret: displayedName,
            }),
          )
          .min(1)
          .max(500),
      }),
    )
    .max(100)
    .optional(),
  suspend: z.boolean().optional(),
  deletionPolicy: z.enum(['Revoke', 'Orphan']).optional(),
  reinstate: reinstate.optional(),
});

export const planApprovalSpec = z.strictObject({
  organizationRef: localReference,
  digest: z.string().regex(/^[0-9a-f]{64}$/, 'must be the digest that the plan prints'),
  /** The API server proves that it is the requesting user's name. */
  approver: z.string().min(1).max(253),
  /** Groups by which the approver counts; the API server proves that the user is in each. */
  groups: z.array(z.string().min(1).max(253)).max(50).optional(),
  reason: z.string().min(1).max(1024),
});

export const SPECS = {
  Organization: organizationSpec,
  Member: memberSpec,
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
  PermissionTemplate: 'permissiontemplates',
  Project: 'projects',
  MachineBinding: 'machinebindings',
  PlanApproval: 'planapprovals',
};

export type Spec<K extends Kind> = z.infer<(typeof SPECS)[K]>;

/** Annotations that people and Git tooling set. */
export const ANNOTATIONS = {
  adopt: `${GROUP}/adopt`,
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
  readonly managedFields?:
    | readonly { readonly manager?: string; readonly time?: string; readonly subresource?: string }[]
    | undefined;
}

/** An object of one of our kinds, from a file or from the API server. */
export interface CustomResource<K extends Kind = Kind> {
  readonly apiVersion: string;
  readonly kind: K;
  readonly metadata: ObjectMeta;
  readonly spec: Spec<K>;
  readonly status?: unknown;
}
