/** Which secrets of the vault a target is made of, and in which versions. Pure. */
import { type Selection, sourcesOf } from '#shaping/selection.ts';

/** A secret whose value a target takes. */
export interface Source {
  /** `project/name`. */
  readonly name: string;
  readonly id: string;
  readonly version: number;
}

/** A secret that cannot be had. */
export interface Unavailable {
  readonly why: 'SecretMissing' | 'NotGranted';
  readonly name: string;
}

export interface Sources {
  /** Sorted by name. */
  readonly sources: readonly Source[];
  readonly unavailable: readonly Unavailable[];
}

/** What the vault has, as far as a target needs to know. */
export interface Available {
  /** The secrets that were granted to the machine, by `project/name`. */
  readonly granted: ReadonlyMap<string, { readonly id: string; readonly version: number }>;
  /** Whether the vault has such a secret, granted or not. */
  readonly exists: (project: string, name: string) => boolean;
}

export function resolve(selection: Selection, { granted, exists }: Available): Sources {
  const sources: Source[] = [];
  const unavailable: Unavailable[] = [];
  for (const { name, project, secret } of sourcesOf(selection)) {
    const found = granted.get(name);
    if (found !== undefined) sources.push({ name, id: found.id, version: found.version });
    else unavailable.push({ why: exists(project, secret) ? 'NotGranted' : 'SecretMissing', name });
  }
  return { sources: sources.sort((a, b) => (a.name < b.name ? -1 : 1)), unavailable };
}

/** With those whose last values stay: another version of them is another text. */
export function sealedSources(
  sources: readonly Source[],
  kept: readonly Pick<Unavailable, 'name'>[],
): readonly Source[] {
  const last = kept.map(({ name }) => ({ name, id: '', version: 0 }));
  return [...sources, ...last].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What the source seal of a target says: the same shape, sources and keys, the same text. `keys` are sorted. */
export function sourceText(shape: string, sources: readonly Source[], keys: readonly string[]): string {
  return JSON.stringify([shape, sources.map(({ name, id, version }) => [name, id, version]), keys]);
}
