/** What is declared, read by the former name of something whose rename waits. */
import { type Rename, type RenamedKind, renamedIn } from '#model/rename.ts';
import type { Desired, Source } from './plan-types.ts';

export interface WaitingRename extends Rename {
  readonly source: Source;
  /** An object declares the former name too, and goes on by it. */
  readonly isDeclared: boolean;
}

/**
 * As if the commit had renamed none of them: whatever names them goes on. All at once, since the new name of one may be the
 * former one of another. Where an object that is not renamed has the new name, what is declared by that name means it.
 */
export function asBefore(desired: Desired, waiting: readonly WaitingRename[]): Desired {
  const apart = waiting.reduce(
    (read, rename) => takenBack(read, { ...rename, from: apartFrom(rename.from) }),
    desired,
  );
  return waiting.reduce((read, { kind, from }) => {
    const back: Rename = { kind, from: apartFrom(from), to: from };
    return namedBack(
      withOwn(read, kind, (item) => (item.name === back.from ? { ...item, name: from } : item)),
      back,
    );
  }, apart);
}

/** No name is one: where all of them stand in between. */
function apartFrom(name: string): string {
  return `\n${name}`;
}

function takenBack(
  desired: Desired,
  { kind, from, to, source: { namespace }, isDeclared }: WaitingRename,
): Desired {
  const read = withOwn(desired, kind, (item) => {
    if (item.name !== to || item.source.namespace !== namespace) return item;
    return isDeclared ? null : { ...item, name: from, renamedFrom: null };
  });
  const others: readonly { readonly name: string }[] = kind === 'Project' ? read.projects : read.templates;
  return others.some(({ name }) => name === to) ? read : namedBack(read, { kind, from: to, to: from });
}

interface Named {
  readonly name: string;
  readonly renamedFrom: string | null;
  readonly source: Source;
}

/** The declarations of the kind itself, each as `change` leaves it; null: left out. */
function withOwn(
  desired: Desired,
  kind: RenamedKind,
  change: <T extends Named>(item: T) => T | null,
): Desired {
  const changed = <T extends Named>(items: readonly T[]): readonly T[] =>
    items.flatMap((item) => change(item) ?? []);
  return kind === 'Project'
    ? { ...desired, projects: changed(desired.projects) }
    : { ...desired, templates: changed(desired.templates) };
}

function namedBack(desired: Desired, back: Rename): Desired {
  const inFields = <T extends { readonly fields: object }>(items: readonly T[]): readonly T[] =>
    items.map((item) => {
      const fields = renamedIn(item.fields, back);
      return fields === item.fields ? item : { ...item, fields };
    });
  return {
    ...desired,
    templates: inFields(desired.templates),
    groups: inFields(desired.groups),
    machines: inFields(desired.machines),
    members: desired.members.map((item) => {
      const whole = renamedIn(item, back);
      const member = renamedIn(whole.member, back);
      return member === whole.member ? whole : { ...whole, member };
    }),
  };
}
