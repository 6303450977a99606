/**
 * The object in whose place an Organization came, where it is in this cluster still. Its manager is taken over from once it
 * is gone: this operator gives the lease back then.
 *
 * Decides rail 10: that nobody is taken over from whose Organization is there.
 */
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import { managerOf } from '#engine/desired.ts';
import { isForbidden, isNotFound, type KubeClient, keyOf } from '#kube/kube.ts';
import type { OrganizationState } from '#model/organization.ts';
import type { Desired, Finding } from '#planning/plan-types.ts';
import { customResource, resourceType } from '../resources.ts';

/** Whether there is something to take over, as far as is known: the annotation may stay when it is done. */
export function mayTakeOver({ takeOver }: Desired, known: OrganizationState | null): boolean {
  if (takeOver === null || known === null) return takeOver !== null;
  const own = known.records.find(({ kind, key }) => kind === 'Organization' && key === known.vaultId);
  return own?.manager === takeOver;
}

/**
 * Key of the Organization of that manager in the namespace that its name begins with, read uncached; null: there is none, or
 * it may not be read, and the lease alone decides. Throws KubeError.
 */
export async function formerOrganization(
  client: Pick<KubeClient, 'list'>,
  own: CustomResource<'Organization'>,
  manager: string,
  signal: AbortSignal,
): Promise<string | null> {
  const [namespace = '', name] = manager.split('/');
  if (name === undefined) return null;
  try {
    const { items } = await client.list(resourceType('Organization'), { namespace, signal });
    const former = items.find(
      (item) =>
        item.metadata.uid !== own.metadata.uid && managerOf(customResource('Organization', item)) === manager,
    );
    return former === undefined ? null : keyOf(former.metadata);
  } catch (error) {
    if (isForbidden(error) || isNotFound(error)) return null;
    throw error;
  }
}

/** What is declared without the take-over, and why. */
export function notTakenOver(
  desired: Desired,
  vaultId: string,
  former: string,
): { readonly desired: Desired; readonly finding: Finding } {
  const finding: Finding = {
    subject: { kind: 'Organization', key: vaultId },
    source: desired.organization.source,
    reason: 'Conflict',
    severity: 'Stalled',
    message: `Organization ${former} is in this cluster, and declares the manager ${desired.takeOver} that is to be taken over from.`,
    next: `Delete ${former} first, or take the annotation seneschal.dev/take-over away.`,
  };
  return { desired: { ...desired, takeOver: null }, finding };
}
