import { z } from 'zod';
import { GROUP, KINDS, type Kind, RESOURCES, SPECS, VERSION } from '#api/v1alpha1/kinds.ts';
import { STATUSES } from '#api/v1alpha1/status.ts';
import { NAME_LIMIT, NAME_RULE, NAMED_IN_VAULT } from '#api/v1alpha1/validate.ts';

export interface Schema {
  [key: string]: unknown;
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: Schema | boolean;
}

interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly jsonPath: string;
  readonly description?: string;
  /** 1: only with `-o wide`. */
  readonly priority?: number;
}

const ABOUT: Readonly<Record<Kind, string>> = {
  Organization: 'An organization of a vault, and the rails under which its objects act on it.',
  Member: 'A person of an organization: role, permission template, grants, suspension.',
  Group: 'A group of an organization: who is in it, and the access to projects that it gives them (G1, G2).',
  PermissionTemplate: 'A named set of capability cells with a project scope (T1).',
  Project: 'A project of an organization, the secrets that must exist in it, and grants.',
  MachineBinding: 'A machine with its key as a Secret, what it may read, and Secrets that hold values.',
  PlanApproval: 'A person approves the held steps of one plan, once, within 24 hours.',
};

const ready: Column[] = [
  { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
];
const cut: Column[] = [
  { name: 'Cut', type: 'string', jsonPath: '.status.conditions[?(@.type=="CutByPerson")].status' },
];
const stale: Column[] = [
  { name: 'Stale', type: 'string', jsonPath: '.status.conditions[?(@.type=="Stale")].status' },
];
const last: Column[] = [
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  {
    name: 'Message',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].message',
    priority: 1,
  },
];
const column = (name: string, jsonPath: string, type: Column['type'] = 'string'): Column => ({
  name,
  type,
  jsonPath,
});

/** What an auditor wants to see in `kubectl get`. */
const COLUMNS: Readonly<Record<Kind, readonly Column[]>> = {
  Organization: [
    column('Vault', '.status.vault.vaultId'),
    column('Owner', '.status.owner'),
    ...ready,
    column('Members', '.status.counts.members', 'integer'),
    column('Held', '.status.plan.held', 'integer'),
    column('Cut', '.status.open.cutByPerson', 'integer'),
    ...last,
  ],
  Member: [
    column('Email', '.spec.email'),
    column('Role', '.status.role'),
    column('Template', '.spec.templateRef.name'),
    column('State', '.status.state'),
    column('Grants', '.status.access.grants'),
    column('Groups', '.status.access.groups'),
    ...ready,
    ...cut,
    ...stale,
    ...last,
  ],
  Group: [
    ...ready,
    ...cut,
    ...stale,
    column('Members', '.status.members', 'integer'),
    column('Grants', '.status.grants', 'integer'),
    ...last,
  ],
  PermissionTemplate: [...ready, ...cut, ...stale, column('Holders', '.status.holders', 'integer'), ...last],
  Project: [...ready, ...cut, ...stale, column('Secrets', '.status.secrets', 'integer'), ...last],
  MachineBinding: [
    column('Machine', '.spec.machineName'),
    column('Key', '.spec.key.secretName'),
    column('Granted', '.status.grantedSecrets', 'integer'),
    ...ready,
    ...stale,
    ...last,
  ],
  PlanApproval: [
    column('Approver', '.spec.approver'),
    column('State', '.status.state'),
    column('Why', '.spec.reason'),
    column('Digest', '.spec.digest'),
    column('Age', '.metadata.creationTimestamp', 'date'),
  ],
};

export const CUSTOM_RESOURCE_DEFINITIONS = KINDS.map((kind) => {
  const plural = RESOURCES[kind];
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        categories: ['seneschal'],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: COLUMNS[kind],
          schema: { openAPIV3Schema: rootSchema(kind) },
        },
      ],
    },
  };
});

function rootSchema(kind: Kind): Schema {
  const status = structural(jsonSchema(STATUSES[kind]));
  const schema: Schema = {
    type: 'object',
    description: ABOUT[kind],
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: structural(jsonSchema(SPECS[kind])),
      // kstatus takes an object for current whose status says nothing; -1 says that nobody looked yet.
      status: { default: { observedGeneration: -1 }, ...status },
    },
  };
  if (NAMED_IN_VAULT.includes(kind)) {
    schema['x-kubernetes-validations'] = [
      {
        rule: `has(self.spec.name) || size(self.metadata.name) <= ${NAME_LIMIT}`,
        message: NAME_RULE,
        fieldPath: '.spec',
      },
    ];
  }
  return schema;
}

function jsonSchema(schema: z.ZodType): Schema {
  return z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' }) as Schema;
}

/**
 * Makes a schema structural: no `additionalProperties: false` (unknown fields are refused by field validation
 * or pruned), int64 without zod's bounds, and patterns of single values as CEL, so that the user reads the
 * message and not the pattern. Within lists patterns stay: CEL would cost too much there. So does that of a text with a
 * format, which is no text to CEL.
 */
function structural(schema: Schema, inList = false): Schema {
  const { additionalProperties, properties, items, 'x-pattern-message': message, ...rest } = schema;
  const result: Schema = { ...rest };
  if (rest.minLength === 0) delete result.minLength;
  if (rest['x-kubernetes-int-or-string'] === true) {
    // The one form of it that is structural; the bounds of a branch hold for that type alone, wherever they stand.
    const branches = (rest.anyOf as Schema[] | undefined) ?? [];
    for (const { type: _, ...bounds } of branches) Object.assign(result, bounds);
    if (result.maximum === Number.MAX_SAFE_INTEGER) delete result.maximum;
    result.anyOf = [{ type: 'integer' }, { type: 'string' }];
  }
  if (rest.type === 'integer') {
    result.format = 'int64';
    for (const bound of ['minimum', 'maximum']) {
      if (Math.abs(Number(rest[bound])) === Number.MAX_SAFE_INTEGER) delete result[bound];
    }
  }
  if (typeof rest.pattern === 'string' && message !== undefined && !inList && rest.format === undefined) {
    delete result.pattern;
    result['x-kubernetes-validations'] = [
      { rule: `self.matches(r'${rest.pattern}')`, message },
      ...((rest['x-kubernetes-validations'] as unknown[] | undefined) ?? []),
    ];
  }
  if (properties !== undefined) {
    result.properties = Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, structural(property, inList)]),
    );
  }
  if (items !== undefined) result.items = structural(items, true);
  if (typeof additionalProperties === 'object') {
    result.additionalProperties = structural(additionalProperties, true);
  }
  return result;
}
