import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { KINDS, type Kind } from '#api/v1alpha1/kinds.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, type Schema } from '#scripts/crd.ts';

const docs = join(import.meta.dirname, '../../../docs/kinds');

/** Every field of a spec; references stand for their `name`, budgets for their three numbers. */
function fieldsOf(schema: Schema, at = ''): string[] {
  return Object.entries(schema.items?.properties ?? schema.properties ?? {}).flatMap(([name, property]) => {
    const path = `${at}${name}`;
    if (at.endsWith('lossBudget.')) return [path];
    const fields = fieldsOf(property, `${path}.`);
    return [path, ...(name.endsWith('Ref') ? fields.filter((field) => field !== `${path}.name`) : fields)];
  });
}

const page = (kind: Kind) => kind.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

test.each(KINDS)(
  'the page of %s has a heading for each field, and for none that is not there',
  async (kind) => {
    const text = await readFile(join(docs, `${page(kind)}.md`), 'utf8');
    const headings = [...text.matchAll(/^## ([a-z][\w.]*)$/gm)].map(([, heading]) => heading);
    const definition = CUSTOM_RESOURCE_DEFINITIONS.find(({ spec }) => spec.names.kind === kind)!;
    const spec = definition.spec.versions[0]!.schema.openAPIV3Schema.properties!.spec!;
    expect(headings).toEqual(fieldsOf(spec));
  },
);
