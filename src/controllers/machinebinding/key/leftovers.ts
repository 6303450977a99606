/** The Secrets of bindings that are gone: they go once the vault has withdrawn the machine, never before. */
import type { MetadataOnly } from '#kube/kube.ts';
import type { MachineRegistry } from '../../machine-registry.ts';
import { MACHINE_BINDINGS } from '../../resources.ts';
import { annotationOf, asWritten, type BindingIdentity, organizationKeyIn } from '../marks.ts';
import type { SecretCache } from '../secret-cache.ts';
import type { BindingClient, PassDeletions } from '../secret-deletion.ts';

export interface LeftoverWorld {
  readonly kube: BindingClient;
  readonly cache: SecretCache;
  readonly registry: MachineRegistry;
}

/**
 * Deletes what a binding that is no more left behind, unless the vault still has its machine: a rail may hold
 * the loss, the deletion policy may be Orphan, the object may come back.
 */
export async function removeLeftovers(
  { kube, cache, registry }: LeftoverWorld,
  binding: { readonly namespace: string; readonly name: string },
  /** Of the binding that has this name now: what it declares is never a leftover, whatever UID a label names. */
  machineName: string | undefined,
  deletions: PassDeletions,
  signal: AbortSignal,
): Promise<void> {
  const leftovers = cache
    .ofBinding(`${binding.namespace}/${binding.name}`)
    .filter((secret) => annotationOf(secret, 'machineName') !== machineName)
    .flatMap((secret) => {
      const former = withdrawn(registry, binding, secret);
      return former === undefined ? [] : [{ secret, former }];
    });
  if (leftovers.length === 0) return;
  // The cache may be older than the object; with the CRD gone this throws, and nothing is deleted.
  const present = await kube.find(MACHINE_BINDINGS, binding, { signal });
  if (present?.spec.machineName !== machineName) return;
  for (const { secret, former } of leftovers) await deletions.release(former, secret);
}

/**
 * The binding that a Secret says it was of, once the vault was seen and has no such machine; an organization that is
 * not known proves nothing.
 */
function withdrawn(
  registry: MachineRegistry,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  secret: MetadataOnly,
): BindingIdentity | undefined {
  const organization = annotationOf(secret, 'organization') ?? '';
  const machineName = annotationOf(secret, 'machineName');
  const key = organizationKeyIn(secret);
  const view = registry.viewOf(key);
  if (machineName === undefined || view?.acts !== true) return undefined;
  if (registry.machineOf(key, machineName) !== undefined) return undefined;
  const here = { uid: '', namespace, name, organization, machineName, vault: view.provider.address };
  const former = asWritten(here, secret);
  // Another vault may have the machine still.
  return view.mayMove && former.vault.vaultId === here.vault.vaultId ? former : here;
}
