/**
 * Reads what Flux and Argo CD say of what they apply.
 *
 * Decides A4: which commit and repository a delivery stands for.
 */
import type { Delivered, Delivery, DeliveryKind } from '#engine/delivery.ts';
import { type KubeClient, KubeError, type KubeObject, type ResourceType } from '#kube/kube.ts';
import { repositoryAddress } from '#model/repository-address.ts';
import type { Clock } from '#runtime/runtime.ts';

/** A step waits for them at most so long: what they say is a claim. */
const WITHIN_MS = 1_000;
/** A kind that is not there, or that the operator may not read, is not asked for again so soon. */
const NOT_READABLE_MS = 10 * 60 * 1_000;
/** Where an Application lives whose tracking id does not tell. */
const ARGO_NAMESPACE = 'argocd';

interface SourceRef {
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
}

interface DeliveringObject extends KubeObject {
  readonly spec?: {
    /** Flux. */
    readonly sourceRef?: SourceRef;
    readonly chartRef?: SourceRef;
    readonly chart?: { readonly spec?: { readonly sourceRef?: SourceRef } };
    readonly targetNamespace?: string;
    /** Argo CD. */
    readonly source?: { readonly repoURL?: string };
    readonly sources?: readonly { readonly repoURL?: string }[];
    readonly destination?: { readonly namespace?: string };
  };
  readonly status?: {
    readonly lastAttemptedRevision?: string;
    readonly lastAppliedRevision?: string;
    readonly inventory?: { readonly entries?: readonly { readonly id?: string }[] };
    readonly resources?: readonly { readonly namespace?: string }[];
    readonly operationState?: {
      readonly syncResult?: { readonly revision?: string; readonly revisions?: readonly string[] };
    };
  };
}

/** Whether it says that it brings objects into the namespace. What it brings there first, it does not say yet. */
const BRINGS: Readonly<Record<DeliveryKind, (object: DeliveringObject, into: string) => boolean>> = {
  // `<namespace>_<name>_<group>_<kind>`.
  Kustomization: ({ status }, into) =>
    status?.inventory?.entries?.some(({ id = '' }) => id.startsWith(`${into}_`)) === true,
  HelmRelease: ({ metadata, spec }, into) => (spec?.targetNamespace ?? metadata.namespace) === into,
  Application: ({ spec, status }, into) =>
    spec?.destination?.namespace === into ||
    status?.resources?.some(({ namespace }) => namespace === into) === true,
};

interface SourceObject extends KubeObject {
  readonly spec?: { readonly url?: string };
}

const KINDS: Readonly<Record<DeliveryKind, ResourceType<DeliveringObject>>> = {
  Kustomization: typeOf('kustomize.toolkit.fluxcd.io', 'v1', 'Kustomization', 'kustomizations'),
  HelmRelease: typeOf('helm.toolkit.fluxcd.io', 'v2', 'HelmRelease', 'helmreleases'),
  Application: typeOf('argoproj.io', 'v1alpha1', 'Application', 'applications'),
};

const SOURCES: ReadonlyMap<string, ResourceType<SourceObject>> = new Map(
  [
    ['GitRepository', 'gitrepositories'],
    ['OCIRepository', 'ocirepositories'],
    ['HelmRepository', 'helmrepositories'],
  ].map(([kind = '', resource = '']) => [
    kind,
    typeOf<SourceObject>('source.toolkit.fluxcd.io', 'v1', kind, resource),
  ]),
);

/** `<branch>@sha1:<commit>`, `<tag>@sha256:<digest>`, `sha256:<digest>`, or the version of a chart. */
const REVISION = /(?:^|@)sha(?:1|256):([0-9a-f]+)$/;

export class Deliveries {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  /** Until when a kind is not asked for, by resource. */
  readonly #unreadable = new Map<string, number>();

  constructor(client: KubeClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /**
   * What can be read within a second; nothing where that is nothing, and where it is not known to bring objects into this
   * namespace: whoever labels an object there would learn of anybody's. Never throws.
   */
  async read({ kind, namespace, name }: Delivery, into: string, signal: AbortSignal): Promise<Delivered> {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]);
    const place = namespace ?? ARGO_NAMESPACE;
    const object = await this.#find(KINDS[kind], place, name, bounded);
    if (object === undefined || !BRINGS[kind](object, into)) return {};
    const commit = kind === 'Application' ? syncedRevision(object) : fluxRevision(object);
    const url = kind === 'Application' ? argoUrl(object) : await this.#fluxUrl(object, place, bounded);
    const repository = url === undefined ? undefined : repositoryAddress(url);
    return {
      ...(commit === undefined ? {} : { commit }),
      ...(repository === undefined ? {} : { repository }),
    };
  }

  async #fluxUrl(
    { spec }: DeliveringObject,
    namespace: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const ref = spec?.sourceRef ?? spec?.chartRef ?? spec?.chart?.spec?.sourceRef;
    const type = SOURCES.get(ref?.kind ?? '');
    if (type === undefined || ref?.name === undefined) return undefined;
    return (await this.#find(type, ref.namespace ?? namespace, ref.name, signal))?.spec?.url;
  }

  async #find<T extends KubeObject>(
    type: ResourceType<T>,
    namespace: string,
    name: string,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    if ((this.#unreadable.get(type.resource) ?? 0) > this.#clock.now()) return undefined;
    try {
      return await this.#client.find(type, { namespace, name }, { signal });
    } catch (error) {
      if (error instanceof KubeError && (error.code === 403 || error.code === 404))
        this.#unreadable.set(type.resource, this.#clock.now() + NOT_READABLE_MS);
      return undefined;
    }
  }
}

/** The one that is being applied: an object that changes does so by it, and it is the last applied one only afterwards. */
function fluxRevision({ status }: DeliveringObject): string | undefined {
  const revision = status?.lastAttemptedRevision ?? status?.lastAppliedRevision;
  return revision === undefined ? undefined : (REVISION.exec(revision)?.[1] ?? revision);
}

/** `status.sync.revision` is what it is compared with, and may not be applied yet. */
function syncedRevision({ status }: DeliveringObject): string | undefined {
  const result = status?.operationState?.syncResult;
  return result?.revision ?? result?.revisions?.[0];
}

function argoUrl({ spec }: DeliveringObject): string | undefined {
  return spec?.source?.repoURL ?? spec?.sources?.[0]?.repoURL;
}

function typeOf<T extends KubeObject>(
  group: string,
  version: string,
  kind: string,
  resource: string,
): ResourceType<T> {
  return { group, version, kind, resource, namespaced: true };
}
