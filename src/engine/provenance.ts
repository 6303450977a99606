/** Decides A4: where a change comes from, by what its object tells. */
import { ANNOTATIONS, type ObjectMeta } from '#api/v1alpha1/kinds.ts';
import { boundedProvenance } from '#model/claimed-provenance.ts';
import type { Provenance } from '#model/record.ts';

/** Labels by which Flux marks what it applied: kustomize-controller and helm-controller. */
const FLUX = [
  ['kustomization', 'kustomize.toolkit.fluxcd.io'],
  ['helmrelease', 'helm.toolkit.fluxcd.io'],
] as const;

/** Argo CD tracking by annotation, `<application>:<group>/<kind>:<namespace>/<name>`; its default since 3.0. */
const ARGO_TRACKING = 'argocd.argoproj.io/tracking-id';

/**
 * Where a change comes from, as far as the object itself tells (A4): its annotations, else the Flux or Argo CD
 * object that its labels name, else the field manager of the last change to the spec, else `otherwise`. A claim, shown
 * as such, and within its lengths whatever stands on the object: a step is never refused for it.
 */
export function provenanceOf(metadata: ObjectMeta, otherwise: Provenance = {}): Provenance {
  const own = told(metadata);
  return boundedProvenance(Object.keys(own).length > 0 ? own : otherwise);
}

function told(metadata: ObjectMeta): Provenance {
  const annotations = metadata.annotations ?? {};
  const claimed = {
    commit: annotations[ANNOTATIONS.commit],
    path: annotations[ANNOTATIONS.path],
    author: annotations[ANNOTATIONS.author],
    changeUrl: annotations[ANNOTATIONS.changeUrl],
  };
  const present = Object.fromEntries(Object.entries(claimed).filter(([, value]) => value !== undefined));
  if (Object.keys(present).length > 0) return present;

  const change = lastChange(metadata);
  const fieldManager = deliveredBy(metadata) ?? change?.manager;
  return {
    ...(fieldManager === undefined ? {} : { fieldManager }),
    ...(change?.time === undefined ? {} : { changedAt: change.time }),
  };
}

function deliveredBy({ labels = {}, annotations = {} }: ObjectMeta): string | undefined {
  for (const [kind, prefix] of FLUX) {
    const name = labels[`${prefix}/name`];
    const namespace = labels[`${prefix}/namespace`];
    if (name !== undefined && namespace !== undefined) return `${kind}/${namespace}/${name}`;
  }
  const application = annotations[ARGO_TRACKING]?.split(':', 1)[0];
  return application === undefined || application === '' ? undefined : `argocd-application/${application}`;
}

function lastChange(metadata: ObjectMeta): { manager?: string; time?: string } | undefined {
  return metadata.managedFields
    ?.filter(({ subresource }) => subresource === undefined)
    .reduce<{ manager?: string; time?: string } | undefined>(
      (newest, entry) =>
        newest === undefined || (entry.time ?? '') > (newest.time ?? '') ? { ...entry } : newest,
      undefined,
    );
}
