/** By which command people give back, in the vault, what one of them cut: for a cut that Git does not answer (rail 7). */
import type { ManagedKind, Tombstone, TombstoneAct } from '#model/record.ts';

/** Of what several kinds of things can lose, by kind. */
export const GIVEN_BACK_BY: Readonly<
  Record<TombstoneAct, string | Readonly<Partial<Record<ManagedKind, string>> & { Member: string }>>
> = {
  Suspended: 'member unsuspend',
  Removed: 'invite send',
  Left: 'invite send',
  Declined: 'invite send',
  RoleLowered: 'member set-role',
  TemplateTaken: 'member set-template',
  ScopeNarrowed: { Member: 'member set-scope', PermissionTemplate: 'template edit' },
  GrantRemoved: { Member: 'member grant', Group: 'group grant', MachineBinding: 'machine set-access' },
  EndShortened: 'member set-end',
  CellRemoved: 'template edit',
  MembershipRemoved: 'group add',
  GroupDeleted: 'group create',
  MachineDisabled: 'machine enable',
  MachineRevoked: 'machine create',
  MachineKeyRevoked: 'machine add-key',
};

/**
 * `seneschal vault member unsuspend`, without its arguments. `about`: what is kept back; a group does not list whom a
 * person cut off. `isThere`: the person is there again by an invite that gives less.
 */
export function commandByPeople(
  about: ManagedKind,
  { kind, act }: Pick<Tombstone, 'kind' | 'act'>,
  isThere: boolean,
): string {
  if (isThere) return 'seneschal vault member set-role, set-template or grant';
  if (about === 'Group' && kind === 'Member') return 'seneschal vault group add';
  const commands = GIVEN_BACK_BY[act];
  return `seneschal vault ${typeof commands === 'string' ? commands : (commands[kind] ?? commands.Member)}`;
}
