import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planDocument } from '#cli/gitops/plan-document.ts';
import { planJsonSchema } from '#cli/gitops/plan-schema.ts';
import type { Workspace } from '#cli/gitops/workspace.ts';
import { whatIsOpen } from '#engine/open.ts';
import type { Preview } from '#engine/pass-types.ts';
import { plan } from '#planning/plan.ts';
import { arbitraryDesired, arbitraryOrganization } from '#test/builders/arbitrary.ts';
import { policy } from '#test/builders/desired.ts';
import { NOW } from '#test/builders/organization.ts';

type Schema = { [key: string]: unknown };

/** With every object closed: a field that the schema does not have is a fault here, and none for who reads a plan. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return 'properties' in (schema as Schema) ? { ...inner, additionalProperties: false } : inner;
}

test('every plan is as its schema says, and has no field that the schema does not name', () => {
  const ajv = new Ajv({ strict: false });
  const validate = ajv.compile(closed(planJsonSchema()) as Schema);
  const workspace = {
    organization: { metadata: { namespace: 'acme', name: 'acme' } },
    placeOf: (kind: string) => (kind === 'Member' ? 'member.yaml:1' : undefined),
  } as unknown as Workspace;
  fc.assert(
    fc.property(arbitraryDesired, arbitraryOrganization, (declared, state) => {
      const made = plan(declared, state, policy(), NOW);
      const open = whatIsOpen(declared, { plan: made, answers: new Map() });
      const document = planDocument(workspace, { plan: made, observeOnly: null } as unknown as Preview, open);
      validate(JSON.parse(JSON.stringify(document)));
      expect(validate.errors ?? []).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test('the schema that is published is this one', () => {
  const file = join(import.meta.dirname, '../../../../schemas/plan.json');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(planJsonSchema())));
});
