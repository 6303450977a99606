import { expect, it } from 'vitest';
import { formerOrganization, mayTakeOver } from '#controllers/organization/former-organization.ts';
import type { KubeClient } from '#kube/kube.ts';
import { organization, VAULT_ID } from '#test/builders/organization.ts';
import { organizationResource } from '#test/builders/resources.ts';
import { desired } from './pass.ts';

const { signal } = new AbortController();
const own = organizationResource();

function clientOf(items: readonly { namespace: string; name: string; manager?: string }[]) {
  const asked: string[] = [];
  const list = async (_: unknown, { namespace }: { namespace: string }) => {
    asked.push(namespace);
    const found = items.filter((item) => item.namespace === namespace);
    return {
      items: found.map(({ manager, ...metadata }) => ({
        metadata: { ...metadata, uid: `${metadata.namespace}/${metadata.name}` },
        spec: { vault: {}, ...(manager === undefined ? {} : { manager }) },
      })),
    };
  };
  return { asked, client: { list } as unknown as Pick<KubeClient, 'list'> };
}

it('finds the Organization that declares the former manager, in the namespace of its name', async () => {
  const { client, asked } = clientOf([{ namespace: 'fleet', name: 'acme' }]);
  expect(await formerOrganization(client, own, 'fleet/acme', signal)).toBe('fleet/acme');
  expect(await formerOrganization(client, own, 'fleet/other', signal)).toBeNull();
  expect(await formerOrganization(client, own, 'a name without a namespace', signal)).toBeNull();
  expect(asked).toEqual(['fleet', 'fleet']);
});

it('goes by the manager that an object declares, not by its name', async () => {
  const { client } = clientOf([
    { namespace: 'fleet', name: 'acme', manager: 'elsewhere' },
    { namespace: 'fleet', name: 'renamed', manager: 'fleet/shared' },
  ]);
  expect(await formerOrganization(client, own, 'fleet/acme', signal)).toBeNull();
  expect(await formerOrganization(client, own, 'fleet/shared', signal)).toBe('fleet/renamed');
});

it('is asked for until the take-over is done, though the annotation stays', () => {
  const annotated = desired({ takeOver: 'fleet/acme' });
  const managedBy = (manager: string) =>
    organization().record('Organization', VAULT_ID, {}, { manager }).build();
  expect(mayTakeOver(annotated, null)).toBe(true);
  expect(mayTakeOver(annotated, managedBy('fleet/acme'))).toBe(true);
  expect(mayTakeOver(annotated, managedBy('acme/acme'))).toBe(false);
  expect(mayTakeOver(desired(), null)).toBe(false);
});
