/** By which command people give back, in the vault, what one of them cut: for a cut that Git does not answer (rail 7). */
import type { ManagedKind, Tombstone, TombstoneAct } from '#model/record.ts';
import { shellWord } from '#model/shell-word.ts';

export type Cut = Pick<Tombstone, 'kind' | 'key' | 'act' | 'item' | 'trashed'>;
type CommandOf = (key: string, item: string | null) => string;

/** Of what several kinds of things can lose, by kind. Capitals: what only the person who gives it back knows. */
const GIVEN_BACK_BY: Readonly<
  Record<
    TombstoneAct,
    CommandOf | (Readonly<Partial<Record<ManagedKind, CommandOf>>> & { Member: CommandOf })
  >
> = {
  Suspended: (key) => `member unsuspend ${key}`,
  Removed: (key) => `invite send ${key}`,
  Left: (key) => `invite send ${key}`,
  Declined: (key) => `invite send ${key}`,
  RoleLowered: (key) => `member set-role ${key} Admin`,
  TemplateTaken: (key, item) => `member set-template ${key} ${item ?? 'TEMPLATE'}`,
  ScopeNarrowed: {
    Member: (key) => `member set-scope ${key} PROJECT`,
    PermissionTemplate: (key) => `template edit ${key} --cell CELL`,
  },
  GrantRemoved: {
    Member: (key, item) => `member grant ${key} ${item ?? 'PROJECT'} ACCESS`,
    Group: (key, item) => `group grant ${key} ${item ?? 'PROJECT'} ACCESS`,
    MachineBinding: (key) => `machine set-access ${key} --access PROJECT`,
  },
  EndShortened: (key) => `member set-end ${key} TIME`,
  CellRemoved: (key) => `template edit ${key} --cell CELL`,
  MembershipRemoved: (key, item) => `group add ${key} ${item ?? 'E-MAIL'}`,
  GroupDeleted: (key) => `group create ${key}`,
  ProjectDeleted: (key) => `project create ${key}`,
  SecretDeleted: (key, item) => `secret set ${item ?? 'NAME'} --project ${key}`,
  MachineDisabled: (key) => `machine enable ${key}`,
  MachineRevoked: (key) => `machine create ${key} --out FOLDER`,
  MachineKeyRevoked: (key) => `machine add-key ${key} --out FOLDER`,
};

/** Every act that a cut can be. */
export const CUT_ACTS = Object.keys(GIVEN_BACK_BY) as TombstoneAct[];

/**
 * `seneschal vault member unsuspend bob@acme.example`; several where any of them gives something back. `about`: what is
 * kept back; a group does not list whom a person cut off. `isThere`: the person is there again by an invite that gives less.
 */
export function commandsByPeople(
  about: { readonly kind: ManagedKind; readonly key: string },
  { kind, key: cut, act, item: what, trashed }: Cut,
  isThere: boolean,
): readonly string[] {
  const key = shellWord(cut);
  const item = what === null ? null : shellWord(what);
  if (isThere) {
    return [
      `seneschal vault member set-role ${key} Admin`,
      `seneschal vault member set-template ${key} TEMPLATE`,
      `seneschal vault member grant ${key} PROJECT ACCESS`,
    ];
  }
  if (trashed !== undefined) return [`seneschal vault trash restore ${trashed}`];
  if (about.kind === 'Group' && kind === 'Member')
    return [`seneschal vault group add ${shellWord(about.key)} ${key}`];
  const of = GIVEN_BACK_BY[act];
  const words = (typeof of === 'function' ? of : (of[kind] ?? of.Member))(key, item);
  return [`seneschal vault ${words}`];
}
