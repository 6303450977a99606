/**
 * What a member may do, by their effective access and role (V3).
 *
 * Decides V3: whether a member may do what an operation asks for.
 */
import { type EffectiveAccess, effectiveAccess, hasCell } from './access.ts';
import type { CellId } from './capabilities.ts';
import type { GroupGrant } from './groups.ts';
import type { MemberAccess, MemberState, PermissionTemplate, Role } from './organization.ts';

/**
 * What an operation asks of a person. Null: no person may. `own`: every member. `Owner`, `Admin`: by role (O4).
 * `Approver`: the owner, or whom the rails last applied name in `approvers.members` (rail 2).
 */
export type AskedOfPerson = CellId | 'own' | 'Owner' | 'Admin' | 'Approver' | null;

/** All that decides it. */
export interface HeldAccess {
  readonly member: MemberAccess & { readonly state: MemberState };
  /** The member's; undefined: none. */
  readonly template: PermissionTemplate | undefined;
  readonly groupGrants: readonly GroupGrant[];
  /** The time at which it is decided: what has ended by then gives nothing (M5). */
  readonly now: number;
  /** Whether the rails last applied name them an approver; left out where nothing asks for it. */
  readonly isNamedApprover?: boolean;
}

export interface MemberDecision {
  readonly access: EffectiveAccess;
  /** Why not, in a sentence; null: they may. */
  readonly refusal: string | null;
}

/**
 * Whether a member may; `project` is the name of the project concerned, where the cell is a project's (T3), `givenAs`
 * what the member called it.
 */
export function decideMember(
  held: HeldAccess,
  person: AskedOfPerson,
  project?: string,
  givenAs?: string,
): MemberDecision {
  const access = effectiveAccess(held.member, () => held.template, held.groupGrants, held.now);
  const who = { role: held.member.role, isNamedApprover: held.isNamedApprover === true };
  return { access, refusal: refusalOf(access, who, person, project, givenAs) };
}

/** Why not, in a sentence that tells nobody the name of a project they called by its id; null: they may. */
export function refusalOf(
  access: EffectiveAccess | null,
  { role, isNamedApprover = false }: { readonly role: Role; readonly isNamedApprover?: boolean },
  person: AskedOfPerson,
  project: string | undefined,
  givenAs = project,
): string | null {
  if (access === null || access.vault.size === 0) return 'You are not an active member of this vault.';
  switch (person) {
    case null:
      return 'Only automation may do this.';
    case 'own':
      return null;
    case 'Owner':
      return role === 'Owner' ? null : 'Only the owner may do this.';
    case 'Approver':
      return role === 'Owner' || isNamedApprover
        ? null
        : 'Only the owner and the approvers whom the rails name may do this.';
    case 'Admin':
      return role === 'Member' ? 'Only the owner and admins may do this.' : null;
    default:
      if (hasCell(access, person, project)) return null;
      return givenAs === undefined ? `Requires ${person}.` : `Requires ${person} in ${givenAs}.`;
  }
}
