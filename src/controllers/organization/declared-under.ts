/** The UIDs under which objects are declared (design §4, loss by absence), and their fresh read (rail 1). */
import type { Kind } from '#api/v1alpha1/kinds.ts';
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  isForbidden,
  type KubeClient,
  type KubeObject,
  NAMESPACES,
} from '#kube/kube.ts';
import { MANAGED_KINDS, type ManagedKind } from '#model/record.ts';
import type { Desired } from '#planning/plan-types.ts';
import { crdNameOf, namespacesOf, ORGANIZATIONS, type Resource } from '../resources.ts';

/** By namespace and kind: `<organization>/<namespace>/<crd>`, as planning wants them. */
export type PresentUids = NonNullable<Desired['seenUnder']>;

/**
 * Reads UIDs of namespaces and CRDs once, and again when the caller says that they may be others. Where RBAC
 * does not let them be read, there are none: the caller then takes the view for partial, and nothing is lost.
 */
export class DeclaredUnder {
  readonly #client: KubeClient;
  readonly #crds = new Map<Kind, string>();
  /** UIDs of namespaces by name, for each Organization by its UID. */
  readonly #namespaces = new Map<string, Map<string, string>>();

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /** A namespace of `access` that is not there has no entry. Undefined where anything else cannot be read or is not there. */
  async read(organization: Resource<'Organization'>, signal: AbortSignal): Promise<PresentUids | undefined> {
    const { uid, namespace } = organization.metadata;
    if (uid === undefined || namespace === undefined) return undefined;
    const namespaces = await this.#namespacesOf(organization, uid, signal);
    if (!namespaces.has(namespace)) return undefined;
    const missing = MANAGED_KINDS.filter((kind) => !this.#crds.has(kind));
    const read = await Promise.all(missing.map((kind) => this.#crdUid(kind, signal)));
    for (const [index, kind] of missing.entries()) {
      const crd = read[index];
      if (crd === undefined) return undefined;
      this.#crds.set(kind, crd);
    }
    const crdOf = (kind: ManagedKind): string => this.#crds.get(kind) ?? '';
    return Object.fromEntries([...namespaces].map(([name, its]) => [name, presentUids(uid, its, crdOf)]));
  }

  /** A CRD may have been made again. */
  forgetCrds(): void {
    this.#crds.clear();
  }

  forget(organizationUid: string): void {
    this.#namespaces.delete(organizationUid);
  }

  /**
   * Rail 1: an uncached read finds the same Organization, CRDs and namespaces that bring objects, and none of them being
   * deleted. What may not be read is as what is not there.
   */
  async confirm(organization: Resource<'Organization'>, signal: AbortSignal): Promise<boolean> {
    const { name, namespace, uid } = organization.metadata;
    if (uid === undefined || namespace === undefined) return false;
    const known = this.#namespaces.get(uid) ?? new Map<string, string>();
    const isKnown = known.has(namespace) && MANAGED_KINDS.every((kind) => this.#crds.has(kind));
    const own = uidOrNothing(() => this.#client.find(ORGANIZATIONS, { namespace, name }, { signal }));
    const expected: readonly (readonly [Promise<string | undefined>, string | undefined])[] = [
      [own, uid],
      ...namespacesOf(organization).map((one) => [this.#namespaceUid(one, signal), known.get(one)] as const),
      ...MANAGED_KINDS.map((kind) => [this.#crdUid(kind, signal), this.#crds.get(kind)] as const),
    ];
    const fresh = await Promise.all(expected.map(async ([living, is]) => (await living) === is));
    const confirmed = isKnown && fresh.every(Boolean);
    if (!confirmed) {
      this.forgetCrds();
      this.forget(uid);
    }
    return confirmed;
  }

  /** Those that are there; what was read before is believed until `confirm`. */
  async #namespacesOf(
    organization: Resource<'Organization'>,
    uid: string,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string>> {
    const before = this.#namespaces.get(uid);
    const now = new Map<string, string>();
    for (const name of namespacesOf(organization)) {
      const its = before?.get(name) ?? (await this.#namespaceUid(name, signal));
      if (its !== undefined) now.set(name, its);
    }
    this.#namespaces.set(uid, now);
    return now;
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

function presentUids(
  organization: string,
  namespace: string,
  crdOf: (kind: ManagedKind) => string,
): PresentUids[string] {
  const of = (kind: ManagedKind): string => `${organization}/${namespace}/${crdOf(kind)}`;
  return {
    Organization: of('Organization'),
    Member: of('Member'),
    Group: of('Group'),
    PermissionTemplate: of('PermissionTemplate'),
    Project: of('Project'),
    MachineBinding: of('MachineBinding'),
  };
}

/** Undefined of what is not there, or is being deleted: a namespace may take as long for that as somebody wants. */
function livingUid(object: KubeObject | undefined): string | undefined {
  return object?.metadata.deletionTimestamp === undefined ? object?.metadata.uid : undefined;
}

async function uidOrNothing(find: () => Promise<KubeObject | undefined>): Promise<string | undefined> {
  try {
    return livingUid(await find());
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}
