/** What a question is about: a word of people to one thing of the vault. Pure. */
import { normalizeEmail, type OrganizationState } from '#model/organization.ts';

export const THINGS = ['person', 'machine', 'secret', 'project', 'group'] as const;
export type ThingKind = (typeof THINGS)[number];

/** `key`: an e-mail, a name, `project/secret`. */
export interface Thing {
  readonly kind: ThingKind;
  readonly key: string;
}

/** Things that are called so, in the order of the kinds. `kind:NAME` asks for one kind alone. */
export function thingsCalled(state: OrganizationState, word: string): Thing[] {
  const [, prefix, rest = word] = /^(person|machine|secret|project|group):(.*)$/s.exec(word) ?? [];
  return THINGS.filter((kind) => prefix === undefined || kind === prefix).flatMap((kind) =>
    keysOf(state, kind, rest).map((key) => ({ kind, key })),
  );
}

function keysOf(state: OrganizationState, kind: ThingKind, word: string): string[] {
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
