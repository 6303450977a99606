import fc from 'fast-check';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { KINDS } from '#api/v1alpha1/kinds.ts';
import { pathText } from '#api/v1alpha1/validate.ts';
import type { KubeClient } from '#kube/kube.ts';
import { arbitraryCustomResource, schemaOf } from '#test/builders/arbitrary-custom-resource.ts';
import { verdicts } from '#test/builders/cel-oracle.ts';
import { clientFor, createNamespace } from '#test/control-plane/access.ts';
import { create, installCrds, type Manifest } from './cluster.ts';

let admin: KubeClient;
let namespace: string;

beforeAll(async () => {
  admin = await clientFor(inject('adminKubeconfig'));
  await installCrds(admin);
  namespace = await createNamespace(admin, 'cel');
  return async () => {
    await admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
    await admin.close();
  };
});

interface Refusal {
  readonly details?: { readonly causes?: readonly { readonly field: string; readonly message: string }[] };
}

describe('the API server and the oracle of the unit tests', () => {
  test.each(KINDS)('refuse random objects of %s for the same rules, at the same fields', async (kind) => {
    const schema = schemaOf(kind);
    const seen = { taken: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(arbitraryCustomResource(kind), async (random) => {
        const object = { ...random, metadata: { ...random.metadata, namespace } };
        const expected = verdicts(schema, object)
          .filter(({ holds }) => !holds)
          .map(({ at, fieldPath, message }) => ({
            field: `${pathText(at)}${fieldPath}`.replace(/^\./, ''),
            message: expect.stringMatching(ending(message)),
          }));
        const response = await create(admin, object as Manifest, true);
        const causes = response.status === 422 ? ((response.body as Refusal).details?.causes ?? []) : [];
        const shown = causes.map(({ field, message }) => ({ field, message }));
        expect(shown, JSON.stringify(object)).toHaveLength(expected.length);
        expect(shown).toEqual(expect.arrayContaining(expected));
        // A policy for PlanApprovals may stand in the cluster; it is asked about what the rules let pass.
        expect(response.status).toBeOneOf(expected.length > 0 ? [422] : [201, 403]);
        seen[expected.length > 0 ? 'refused' : 'taken'] += 1;
      }),
      { numRuns: 150 },
    );
    expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(0);
  });
});

const ending = (text: string) => new RegExp(`${text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`, 's');
