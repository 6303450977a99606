/** What a question is about: a word of people to one thing of the vault. Pure. */
import { normalizeEmail } from '#model/organization.ts';

export const THINGS = ['person', 'machine', 'secret', 'project', 'group'] as const;
export type ThingKind = (typeof THINGS)[number];

/** `key`: an e-mail, a name, `project/secret`. */
export interface Thing {
  readonly kind: ThingKind;
  readonly key: string;
}

/** Names of what there is, as far as whoever asks may see it. */
export interface Named {
  readonly members: readonly { readonly email: string }[];
  readonly machines: readonly { readonly name: string }[];
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
  const [, prefix, rest = word] = /^(person|machine|secret|project|group):(.*)$/s.exec(word) ?? [];
  return { kinds: THINGS.filter((kind) => prefix === undefined || kind === prefix), rest };
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
    case 'secret':
      return state.secrets
        .filter(({ project, name }) => name === word || `${project}/${name}` === word)
        .map(({ project, name }) => `${project}/${name}`);
  }
}
