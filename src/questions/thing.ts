/** What a question is about: a word of people to one thing of the vault. Pure. */
import { normalizeEmail } from '#model/organization.ts';

export const THINGS = ['person', 'machine', 'secret', 'project', 'group'] as const;
/** What access can be explained of. */
export type ExplainedKind = (typeof THINGS)[number];
export type ThingKind = ExplainedKind | 'key';
const ALL = [...THINGS, 'key'] as const;

/** `key`: an e-mail, a name, `project/secret`; of a key of a machine its fingerprint. */
export interface Thing<Kind extends ThingKind = ThingKind> {
  readonly kind: Kind;
  readonly key: string;
}

/** Names of what there is, as far as whoever asks may see it. */
export interface Named {
  readonly members: readonly { readonly email: string }[];
  /** `keys` absent: whoever asks sees none of them. */
  readonly machines: readonly {
    readonly name: string;
    readonly keys?: readonly { readonly fingerprint: string }[];
  }[];
  readonly projects: readonly { readonly name: string }[];
  readonly groups: readonly { readonly name: string }[];
  readonly secrets: readonly { readonly project: string; readonly name: string }[];
}

/** Things that are called so, in the order of the kinds. `kind:NAME` asks for one kind alone. */
export function thingsCalled(named: Named, word: string): Thing[] {
  const { kinds, rest } = wordParts(word);
  return kinds.flatMap((kind) => keysOf(named, kind, rest).map((key) => ({ kind, key })));
}

/** Of which kinds a word may be, and the name in it. */
export function wordParts(word: string): { readonly kinds: readonly ThingKind[]; readonly rest: string } {
  const [, prefix, rest = word] = /^(person|machine|secret|project|group|key):(.*)$/s.exec(word) ?? [];
  return { kinds: ALL.filter((kind) => prefix === undefined || kind === prefix), rest };
}

function keysOf(state: Named, kind: ThingKind, word: string): string[] {
  const named = (things: readonly { readonly name: string }[]): string[] =>
    things.filter(({ name }) => name === word).map(({ name }) => name);
  switch (kind) {
    case 'person': {
      const email = normalizeEmail(word);
      return state.members.filter((member) => member.email === email).map((member) => member.email);
    }
    case 'machine':
      return named(state.machines);
    case 'project':
      return named(state.projects);
    case 'group':
      return named(state.groups);
    case 'key':
      return fingerprintsCalled(state, word.toLowerCase());
    case 'secret':
      return state.secrets
        .filter(({ project, name }) => name === word || `${project}/${name}` === word)
        .map(({ project, name }) => `${project}/${name}`);
  }
}

/** Digits of a fingerprint that messages show: by fewer nobody means a key. */
const SHORTEST = 16;

function fingerprintsCalled({ machines }: Named, word: string): string[] {
  if (word.length < SHORTEST) return [];
  return machines.flatMap(({ keys = [] }) =>
    keys.flatMap(({ fingerprint }) => (fingerprint.startsWith(word) ? [fingerprint] : [])),
  );
}
