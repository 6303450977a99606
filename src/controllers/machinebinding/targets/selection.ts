/** Which values a target holds and under which keys. Pure. */
import type { Spec } from '#api/v1alpha1/kinds.ts';

export type TargetSpec = NonNullable<Spec<'MachineBinding'>['targets']>[number];

/** One value of a target. */
export interface Selected {
  /** Key of the Kubernetes Secret. */
  readonly key: string;
  readonly id: string;
  readonly version: number;
}

/** Why an entry of a target cannot be had. */
export interface Unavailable {
  readonly why: 'SecretMissing' | 'NotGranted' | 'InvalidKey' | 'DuplicateKey';
  readonly key: string;
  readonly project: string;
  readonly secret: string;
}

export interface Selection {
  /** Sorted by key. */
  readonly selected: readonly Selected[];
  readonly unavailable: readonly Unavailable[];
}

/** What the vault has, as far as a selection needs to know. */
export interface Available {
  /** The secrets that were granted to the machine, by `project/name`. */
  readonly granted: ReadonlyMap<string, { readonly id: string; readonly version: number }>;
  /** Whether the vault has such a secret, granted or not. */
  readonly exists: (project: string, name: string) => boolean;
}

/** What the API server takes as a key of a Secret's data. */
const SECRET_KEY = /^[-._a-zA-Z0-9]{1,253}$/;

export function select(target: TargetSpec, available: Available): Selection {
  const selected: Selected[] = [];
  const unavailable: Unavailable[] = [];
  const taken = new Set<string>();
  for (const { key = null, project, secret } of target.data) {
    const name = key ?? secret;
    const refuse = (why: Unavailable['why']): void => {
      unavailable.push({ why, key: name, project, secret });
    };
    const granted = available.granted.get(`${project}/${secret}`);
    if (!SECRET_KEY.test(name)) refuse('InvalidKey');
    else if (taken.has(name)) refuse('DuplicateKey');
    else if (granted === undefined)
      refuse(available.exists(project, secret) ? 'NotGranted' : 'SecretMissing');
    else selected.push({ key: name, ...granted });
    taken.add(name);
  }
  return { selected: selected.sort((a, b) => (a.key < b.key ? -1 : 1)), unavailable };
}

/** What the source seal of a target says: the same sources under the same keys, the same text. */
export function sourceText(selected: readonly Selected[]): string {
  return JSON.stringify(selected.map(({ key, id, version }) => [key, id, version]));
}
