/**
 * What brings objects from Git into a cluster, by the marks that it leaves on them: Flux and Argo CD.
 *
 * Decides A4: what delivers an object.
 */
import type { ObjectMeta } from '#api/v1alpha1/kinds.ts';
import type { Provenance } from '#model/record.ts';

export type DeliveryKind = 'Kustomization' | 'HelmRelease' | 'Application';

/** A Kustomization or HelmRelease of Flux, or an Application of Argo CD. */
export interface Delivery {
  readonly kind: DeliveryKind;
  /** Null: its tracking id does not tell; it is in Argo CD's own namespace. */
  readonly namespace: string | null;
  readonly name: string;
}

/** What a delivery says of what it applies. */
export interface Delivered {
  /** A commit, or the digest or version of what it is packed in. */
  readonly commit?: string;
  readonly repository?: string;
}

/** Argo CD tracking by annotation, `<application>:<group>/<kind>:<namespace>/<name>`; its default since 3.0. */
const ARGO_TRACKING = 'argocd.argoproj.io/tracking-id';

/** Labels of kustomize-controller and helm-controller. */
const FLUX: readonly (readonly [DeliveryKind, string])[] = [
  ['Kustomization', 'kustomize.toolkit.fluxcd.io'],
  ['HelmRelease', 'helm.toolkit.fluxcd.io'],
];

/** The field managers that they write under. Argo CD's was named after its program before 2.6. */
const WRITERS: Readonly<Record<DeliveryKind, readonly string[]>> = {
  Kustomization: ['kustomize-controller'],
  HelmRelease: ['helm-controller', 'helm'],
  Application: ['argocd-controller', 'argocd-application-controller'],
};

/** How each is called where a provenance names it. */
const PREFIXES: Readonly<Record<DeliveryKind, string>> = {
  Kustomization: 'kustomization',
  HelmRelease: 'helmrelease',
  Application: 'argocd-application',
};

/** Null: nothing that is known here delivers it. */
export function deliveryOf({ labels = {}, annotations = {} }: ObjectMeta): Delivery | null {
  for (const [kind, prefix] of FLUX) {
    const name = labels[`${prefix}/name`];
    const namespace = labels[`${prefix}/namespace`];
    if (name !== undefined && namespace !== undefined) return { kind, namespace, name };
  }
  // Outside of Argo CD's own namespace an Application is called `<namespace>_<name>`.
  const application = annotations[ARGO_TRACKING]?.split(':', 1)[0] ?? '';
  const [first = '', second] = application.split('_');
  if (first === '') return null;
  return second === undefined
    ? { kind: 'Application', namespace: null, name: first }
    : { kind: 'Application', namespace: first, name: second };
}

export function isWriterOf({ kind }: Delivery, manager: string): boolean {
  return WRITERS[kind].includes(manager);
}

/** `kustomization/<namespace>/<name>`, `argocd-application/<name>`: what a provenance has as its field manager. */
export function fieldManagerOf({ kind, namespace, name }: Delivery): string {
  return [PREFIXES[kind], ...(namespace === null ? [] : [namespace]), name].join('/');
}

/** The delivery that a provenance names; null where it names none, or more than that is known already. */
export function deliveryNamedBy({ fieldManager = '', commit, notFromGit }: Provenance): Delivery | null {
  if (commit !== undefined || notFromGit === true) return null;
  const [prefix, ...rest] = fieldManager.split('/');
  const kind = (Object.keys(PREFIXES) as DeliveryKind[]).find((one) => PREFIXES[one] === prefix);
  const [name, namespace = null] = rest.reverse();
  if (kind === undefined || name === undefined || rest.length > 2) return null;
  return { kind, namespace, name };
}
