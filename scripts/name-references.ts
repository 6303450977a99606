/** Which fields of the kinds name other objects: what kustomize renames along with them. */
import { z } from 'zod';
import { GROUP, KINDS, type Kind, SPECS, VERSION } from '#api/v1alpha1/kinds.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

interface Target {
  readonly kind: string;
  readonly group?: string;
  readonly version: string;
}

/** By the name of the field; one that ends in `Ref` and is not here is a fault of this table. */
const TARGETS: Readonly<Record<string, Target>> = {
  organizationRef: { kind: 'Organization', group: GROUP, version: VERSION },
  templateRef: { kind: 'PermissionTemplate', group: GROUP, version: VERSION },
  credentialsSecretRef: { kind: 'Secret', version: 'v1' },
};

/** The list `nameReference` of a kustomize configuration. Throws where a reference has no target in the table. */
export function nameReferences() {
  const found = KINDS.flatMap((kind) =>
    references(z.toJSONSchema(SPECS[kind], { io: 'input' }) as Schema, 'spec').map((one) => ({
      kind,
      ...one,
    })),
  );
  return Object.entries(TARGETS).map(([field, target]) => ({
    ...target,
    fieldSpecs: found
      .filter((one) => one.field === field)
      .map(({ kind, path }: { kind: Kind; path: string }) => ({ path: `${path}/name`, kind, group: GROUP })),
  }));
}

function references(schema: Schema, path: string): { readonly field: string; readonly path: string }[] {
  return Object.entries(schema.properties ?? {}).flatMap(([field, inner]) => {
    const at = `${path}/${field}`;
    if (!field.endsWith('Ref')) return references(inner, at);
    if (TARGETS[field] === undefined) throw new Error(`${at}: which kind does it name? Add it to TARGETS.`);
    return [{ field, path: at }];
  });
}
