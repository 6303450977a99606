/**
 * The history of an organization as the largest public ones have it: six years of merges, most of which add one person
 * or put somebody into a group. Invented, and the same for the same seed.
 */
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import { parseManifest } from '#source/manifest.ts';
import { randomFrom } from '#test/e2e/world/random.ts';
import { Author } from './author.ts';
import { Repository } from './repository.ts';

export interface Size {
  readonly people: number;
  readonly teams: number;
  /** Of people in teams. */
  readonly memberships: number;
  readonly projects: number;
}

/** What the largest public organizations on code hosts have. */
export const LARGEST: Size = { people: 1_500, teams: 766, memberships: 3_615, projects: 60 };
export const MERGES = 2_800;
const YEARS = 6;

/** In milliseconds; the whole history is six years whatever the number of merges. */
export function timeBetween(merges: number): number {
  return (YEARS * 365 * 24 * 60 * 60 * 1000) / merges;
}

export interface Merge {
  /** From 1. */
  readonly number: number;
  readonly title: string;
  /** The text of each file that is another one; null: it is gone. */
  readonly changed: ReadonlyMap<string, string | null>;
}

/** How much of the organization is there in the first merge: whoever writes it down began years before. */
const FIRST = 0.35;

/** Ends at that size exactly. `startsAt` in milliseconds: ends of access are given by it. */
export function* history(
  size: Size,
  options: { readonly merges: number; readonly seed: number; readonly startsAt: number },
): Generator<Merge> {
  const { merges, seed, startsAt } = options;
  const repository = new Repository();
  const author = new Author(repository, size, randomFrom(seed));
  let before: ReadonlyMap<string, string> = new Map();
  for (let number = 1; number <= merges; number += 1) {
    const now = startsAt + number * timeBetween(merges);
    const isLast = number === merges;
    const share = isLast ? 1 : FIRST + ((1 - FIRST) * (number - 1)) / merges;
    const title = number === 1 || isLast ? author.grow(share) : author.merge(share, now);
    const files = repository.files();
    yield { number, title, changed: difference(before, files) };
    before = files;
  }
}

/** The files of an organization of that size, without its history. */
export function filesOf(size: Size, seed: number): Map<string, string> {
  const [first] = history(size, { merges: 1, seed, startsAt: 0 });
  return new Map([...(first?.changed ?? [])].map(([path, text]) => [path, text ?? '']));
}

/** The objects that files declare, of namespace `acme`. */
export function objectsIn(files: ReadonlyMap<string, string>): CustomResource[] {
  return [...files].flatMap(([path, text]) =>
    parseManifest(path, text, { defaultNamespace: 'acme' }).objects.map(({ object }) => object),
  );
}

/** The same objects, but that the first person has another template. */
export function withTemplate(objects: readonly CustomResource[], template: string): CustomResource[] {
  const at = objects.findIndex(({ kind }) => kind === 'Member');
  return objects.map((object, index) =>
    index === at
      ? ({ ...object, spec: { ...object.spec, templateRef: { name: template } } } as CustomResource)
      : object,
  );
}

function difference(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): Map<string, string | null> {
  const gone = [...before.keys()].filter((path) => !after.has(path));
  const written = [...after].filter(([path, text]) => before.get(path) !== text);
  return new Map<string, string | null>([...gone.map((path) => [path, null] as const), ...written]);
}
