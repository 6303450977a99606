/**
 * Whether a token by which machines come may still be used: its maker could make it now (M1, T2, H1).
 *
 * Decides H1: that a token attaches what its maker could attach now.
 * Decides T2: that a token follows the access of its maker.
 */
import type { Kysely } from 'kysely';
import { decideMember } from '#model/member-decision.ts';
import type { MemberActor } from '../act/actor.ts';
import { authorize, OPERATIONS } from '../authorization/authorization.ts';
import { heldAccess } from '../authorization/held-access.ts';
import { projectNames } from '../authorization/project-names.ts';
import { DomainError } from '../common/domain-error.ts';
import type { Database } from '../store/schema.ts';

/**
 * Looked at with each use, so that nothing need be undone with a suspension. True where no person made it.
 * `projectIds`: of the living projects that its machines are attached to.
 */
export async function couldMakeNow(
  db: Kysely<Database>,
  { vault_id: vaultId, maker }: { readonly vault_id: string; readonly maker: string | null },
  projectIds: readonly string[],
  now: number,
): Promise<boolean> {
  if (maker === null) return true;
  const row = await db
    .selectFrom('members')
    .select(['id', 'email', 'user_name', 'role'])
    .where('vault_id', '=', vaultId)
    .where('account_id', '=', maker)
    .executeTakeFirst();
  if (row === undefined) return false;
  const { id: memberId, email, user_name, role } = row;
  const actor: MemberActor = {
    type: 'member',
    memberId,
    accountId: maker,
    userName: user_name ?? email,
    email,
    role,
  };
  const held = await heldAccess(db, vaultId, email, now);
  const access = held === null ? null : decideMember(held, 'own').access;
  const names = await projectNames(db, vaultId);
  try {
    authorize(actor, OPERATIONS.manageMachine, access);
    for (const id of projectIds) authorize(actor, OPERATIONS.attachMachine, access, names.get(id));
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'Forbidden') return false;
    throw error;
  }
}
