/**
 * Rail 1: whether the caches are what the API server has, asked before something is lost.
 *
 * Decides rail 1: whether the caches are fresh, before something is lost.
 */
import type { Kind } from '#api/v1alpha1/kinds.ts';
import type { KubeClient, KubeObject, ReadonlyStore } from '#kube/kube.ts';
import { resourceType } from '../resources.ts';
import type { OrganizationStores } from './objects.ts';

const DECLARING = [
  ['Member', 'members'],
  ['Group', 'groups'],
  ['PermissionTemplate', 'templates'],
  ['Project', 'projects'],
  ['MachineBinding', 'bindings'],
] as const satisfies readonly (readonly [Kind, keyof OrganizationStores])[];

/**
 * One uncached list a kind and namespace, metadata only: the same objects in the same generations. A watch whose connection died
 * without a word looks alive until its watchdog ends it, and what was deleted may have come back meanwhile.
 * Throws KubeError where a kind cannot be listed.
 */
export async function viewIsFresh(
  client: Pick<KubeClient, 'listMetadata'>,
  stores: OrganizationStores,
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  const lists = namespaces.flatMap((namespace) =>
    DECLARING.map(([kind, store]) => ({ namespace, kind, store })),
  );
  const views = await Promise.all(
    lists.map(async ({ namespace, kind, store }) => {
      const { items } = await client.listMetadata(resourceType(kind), { namespace, signal });
      const cached = (stores[store] as ReadonlyStore<KubeObject>)
        .list()
        .filter(({ metadata }) => metadata.namespace === namespace);
      return sameObjects(items, cached);
    }),
  );
  return views.every(Boolean);
}

function sameObjects(fresh: readonly KubeObject[], cached: readonly KubeObject[]): boolean {
  const known = new Set(cached.map(versionOf));
  return fresh.length === known.size && fresh.every((object) => known.has(versionOf(object)));
}

/** A spec that differs has another generation; so has an object that is being deleted. */
function versionOf({ metadata }: KubeObject): string {
  return `${metadata.uid}/${metadata.generation}`;
}
