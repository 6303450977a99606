/** Which labels and annotations a target may declare: none by which other controllers are steered. Pure. */
import { type Fault, invalidSpec } from './fault.ts';
import type { TargetSpec } from './selection.ts';

const OURS = 'seneschal.dev';

/** Of other controllers; a name of a subdomain counts too. */
export const STEERED: readonly string[] = [
  'kubernetes.io',
  'k8s.io',
  'argocd.argoproj.io',
  'sealedsecrets.bitnami.com',
  'helm.sh',
];

const NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const DOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** `allowed`: domains of other controllers that whoever runs the operator lets targets name. Ours is never one. */
export function metadataFaults(
  { labels = {}, annotations = {} }: Pick<TargetSpec, 'labels' | 'annotations'>,
  allowed: readonly string[],
): readonly Fault[] {
  return [
    ...Object.keys(labels).flatMap((name) => nameFaults('labels', name, allowed)),
    ...Object.entries(labels).flatMap(([name, value]) =>
      LABEL_VALUE.test(value)
        ? []
        : [invalidSpec(`labels: the value of ${name} is none that a label may have`)],
    ),
    ...Object.keys(annotations).flatMap((name) => nameFaults('annotations', name, allowed)),
  ];
}

function nameFaults(field: string, name: string, allowed: readonly string[]): readonly Fault[] {
  const slash = name.indexOf('/');
  const domain = slash < 0 ? null : name.slice(0, slash);
  if (
    !NAME.test(name.slice(slash + 1)) ||
    (domain !== null && !(DOMAIN.test(domain) && domain.length <= 253))
  )
    return [invalidSpec(`${field}: ${JSON.stringify(name)} is no name that Kubernetes takes`)];
  if (domain === null) return [];
  if (isWithin(domain, OURS))
    return [invalidSpec(`${field}: ${name} is set by Seneschal alone; take it away`)];
  if (!STEERED.some((other) => isWithin(domain, other))) return [];
  if (allowed.some((other) => isWithin(domain, other))) return [];
  return [
    invalidSpec(
      `${field}: ${name} steers another controller; take it away, or have whoever runs the operator allow ${domain} (allowMetadata of the chart)`,
    ),
  ];
}

function isWithin(domain: string, of: string): boolean {
  return domain === of || domain.endsWith(`.${of}`);
}
