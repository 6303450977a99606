/** The Secrets of bindings that are gone: they go once the vault has withdrawn the machine, never before. */
import { isConflict, type KubeClient, type MetadataOnly, SECRETS } from '#kube/kube.ts';
import type { MachineRegistry } from '../../machine-registry.ts';
import { MACHINE_BINDINGS } from '../../resources.ts';
import { annotationOf, labelOf } from '../marks.ts';
import type { SecretCache } from '../secret-cache.ts';

export interface LeftoverWorld {
  readonly kube: KubeClient;
  readonly cache: SecretCache;
  readonly registry: MachineRegistry;
}

/**
 * Deletes what a binding that is no more left behind, unless the vault still has its machine: a rail may hold
 * the loss, the deletion policy may be Orphan, the object may come back. Gives the names of what was deleted.
 */
export async function removeLeftovers(
  { kube, cache, registry }: LeftoverWorld,
  binding: { readonly namespace: string; readonly name: string },
  /** Of the binding that has this name now; its machine's Secrets it takes over itself. */
  machineName: string | undefined,
  isLive: (uid: string) => boolean,
  signal: AbortSignal,
): Promise<string[]> {
  const leftovers = cache
    .ofBinding(`${binding.namespace}/${binding.name}`)
    .filter((secret) => !isLive(labelOf(secret, 'binding') ?? ''))
    .filter((secret) => annotationOf(secret, 'machineName') !== machineName && isWithdrawn(registry, secret));
  if (leftovers.length === 0) return [];
  // The cache may be older than the object; with the CRD gone this throws, and nothing is deleted.
  const present = await kube.find(MACHINE_BINDINGS, binding, { signal });
  if (present?.spec.machineName !== machineName) return [];
  const removed: string[] = [];
  for (const { metadata } of leftovers) {
    const ref = { namespace: metadata.namespace, name: metadata.name };
    try {
      await kube.delete(SECRETS, ref, { uid: metadata.uid, signal });
      removed.push(metadata.name);
    } catch (error) {
      // Another Secret of that name by now; it is not ours to delete.
      if (!isConflict(error)) throw error;
    }
    cache.deleted(ref, metadata.uid);
  }
  return removed;
}

/** True only where the vault was seen, and has no such machine; an organization that is not known proves nothing. */
function isWithdrawn(registry: MachineRegistry, secret: MetadataOnly): boolean {
  const organization = `${secret.metadata.namespace}/${annotationOf(secret, 'organization') ?? ''}`;
  const machineName = annotationOf(secret, 'machineName');
  if (machineName === undefined || registry.viewOf(organization)?.acts !== true) return false;
  return registry.machineOf(organization, machineName) === undefined;
}
