import { expect, test } from 'vitest';
import { viewIsFresh } from '#controllers/organization/fresh-view.ts';
import type { OrganizationStores } from '#controllers/organization/objects.ts';
import type { KubeClient, KubeObject } from '#kube/kube.ts';

const member = (uid: string, generation = 1, namespace = 'acme'): KubeObject => ({
  metadata: { name: uid, namespace, uid, generation },
});

/** Whether caches with these Members stand against an API server with those. */
async function isFresh(
  cached: readonly KubeObject[],
  there: readonly KubeObject[],
  namespaces: readonly string[] = ['acme'],
): Promise<boolean> {
  const none = { list: () => [] };
  const stores = {
    members: { list: () => cached },
    groups: none,
    templates: none,
    projects: none,
    bindings: none,
  };
  const client: Pick<KubeClient, 'listMetadata'> = {
    listMetadata: async ({ resource }, { namespace } = {}) => ({
      items: resource === 'members' ? there.filter(({ metadata }) => metadata.namespace === namespace) : [],
      resourceVersion: '1',
    }),
  };
  const { signal } = new AbortController();
  return viewIsFresh(client, stores as unknown as OrganizationStores, namespaces, signal);
}

test('the caches are fresh while the API server has the same objects, whatever their order (rail 1)', async () => {
  expect(await isFresh([member('a'), member('b')], [member('b'), member('a')])).toBe(true);
});

test('an object that came back unseen makes the view stale, so that nobody is lost (rail 1)', async () => {
  expect(await isFresh([member('a')], [member('a'), member('b')])).toBe(false);
});

test('so does an object that was made again under its name, edited, or deleted', async () => {
  expect(await isFresh([member('a')], [member('other')])).toBe(false);
  expect(await isFresh([member('a')], [member('a', 2)])).toBe(false);
  expect(await isFresh([member('a'), member('b')], [member('a')])).toBe(false);
});

test('objects of other namespaces count for nothing', async () => {
  expect(await isFresh([member('a'), member('c', 1, 'elsewhere')], [member('a')])).toBe(true);
});

test('those of a namespace that may bring objects count as well (rail 1)', async () => {
  const [here, team] = [member('a'), member('c', 1, 'team')];
  expect(await isFresh([here, team], [here, team], ['acme', 'team'])).toBe(true);
  expect(await isFresh([here], [here, team], ['acme', 'team'])).toBe(false);
});
