/** The UIDs under which objects are declared (design §4, loss by absence), and their fresh read (rail 1). */
import type { Kind } from '#api/v1alpha1/kinds.ts';
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  isForbidden,
  type KubeClient,
  type KubeObject,
  NAMESPACES,
} from '#kube/kube.ts';
import type { ManagedKind } from '#model/record.ts';
import type { Desired } from '#planning/plan-types.ts';
import { crdNameOf, ORGANIZATIONS, type Resource } from '../resources.ts';

const DECLARING: readonly ManagedKind[] = [
  'Organization',
  'Member',
  'PermissionTemplate',
  'Project',
  'MachineBinding',
];

/** By namespace and kind: `<organization>/<namespace>/<crd>`, as planning wants them. */
export type PresentUids = NonNullable<Desired['seenUnder']>;

/**
 * Reads UIDs of namespaces and CRDs once, and again when the caller says that they may be others. Where RBAC
 * does not let them be read, there are none: the caller then takes the view for partial, and nothing is lost.
 */
export class DeclaredUnder {
  readonly #client: KubeClient;
  readonly #crds = new Map<Kind, string>();
  /** By UID of the Organization: a namespace that was made again has other Organizations. */
  readonly #namespaces = new Map<string, string>();

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /** Undefined where something cannot be read or is not there. */
  async read(organization: Resource<'Organization'>, signal: AbortSignal): Promise<PresentUids | undefined> {
    const { uid, namespace } = organization.metadata;
    if (uid === undefined || namespace === undefined) return undefined;
    const namespaceUid = this.#namespaces.get(uid) ?? (await this.#namespaceUid(namespace, signal));
    if (namespaceUid === undefined) return undefined;
    this.#namespaces.set(uid, namespaceUid);
    const missing = DECLARING.filter((kind) => !this.#crds.has(kind));
    const read = await Promise.all(missing.map((kind) => this.#crdUid(kind, signal)));
    for (const [index, kind] of missing.entries()) {
      const crd = read[index];
      if (crd === undefined) return undefined;
      this.#crds.set(kind, crd);
    }
    const of = (kind: ManagedKind): string => `${uid}/${namespaceUid}/${this.#crds.get(kind) ?? ''}`;
    return {
      [namespace]: {
        Organization: of('Organization'),
        Member: of('Member'),
        PermissionTemplate: of('PermissionTemplate'),
        Project: of('Project'),
        MachineBinding: of('MachineBinding'),
      },
    };
  }

  /** A CRD may have been made again. */
  forgetCrds(): void {
    this.#crds.clear();
  }

  forget(organizationUid: string): void {
    this.#namespaces.delete(organizationUid);
  }

  /** Rail 1: an uncached read finds the same Organization, namespace and CRDs, and none of them being deleted. */
  async confirm(organization: Resource<'Organization'>, signal: AbortSignal): Promise<boolean> {
    const { name, namespace, uid } = organization.metadata;
    if (uid === undefined || namespace === undefined) return false;
    const [fresh, freshNamespace, ...crds] = await Promise.all([
      this.#client.find(ORGANIZATIONS, { namespace, name }, { signal }),
      this.#client.find(NAMESPACES, { name: namespace }, { signal }),
      ...DECLARING.map((kind) =>
        this.#client.find(CUSTOM_RESOURCE_DEFINITIONS, { name: crdNameOf(kind) }, { signal }),
      ),
    ]);
    const same = (object: KubeObject | undefined, expected: string | undefined): boolean =>
      object !== undefined &&
      object.metadata.uid === expected &&
      object.metadata.deletionTimestamp === undefined;
    const confirmed =
      same(fresh, uid) &&
      same(freshNamespace, this.#namespaces.get(uid)) &&
      DECLARING.every((kind, index) => same(crds[index], this.#crds.get(kind)));
    if (!confirmed) {
      this.forgetCrds();
      this.forget(uid);
    }
    return confirmed;
  }

  async #namespaceUid(name: string, signal: AbortSignal): Promise<string | undefined> {
    return uidOrNothing(() => this.#client.find(NAMESPACES, { name }, { signal }));
  }

  async #crdUid(kind: Kind, signal: AbortSignal): Promise<string | undefined> {
    return uidOrNothing(() =>
      this.#client.find(CUSTOM_RESOURCE_DEFINITIONS, { name: crdNameOf(kind) }, { signal }),
    );
  }
}

async function uidOrNothing(find: () => Promise<KubeObject | undefined>): Promise<string | undefined> {
  try {
    return (await find())?.metadata.uid;
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}
