/** The person behind a request to a vault, let through by the one function that decides (V3). */
import type { Kysely } from 'kysely';
import type { EffectiveAccess } from '../../model/access.ts';
import type { MemberActor } from '../domain/actor.ts';
import { accessOfMember, authorize, OPERATIONS, type Operation } from '../domain/authorization.ts';
import type { Act, VaultContext } from '../domain/context.ts';
import { DomainError } from '../domain/domain-error.ts';
import type { Database } from '../store/schema.ts';
import type { Session } from './sessions.ts';

export interface Caller {
  readonly actor: MemberActor;
  readonly access: EffectiveAccess;
}

/**
 * The caller as this transaction sees them, so that a suspension in the same moment wins (M1) and a template
 * acts on the next request (T2). Throws DomainError `NotAMember` and `Forbidden`.
 */
export async function authorized(
  db: Kysely<Database>,
  session: Session,
  vaultId: string,
  operation: Operation,
  project?: string,
): Promise<Caller> {
  const caller = session.vaultId === vaultId ? await callerOf(db, session, vaultId) : null;
  if (caller === null) {
    throw new DomainError({
      code: 'NotAMember',
      status: 403,
      detail: 'This session is not bound to such a vault, or you are not an active member of it.',
      next: 'Sign in to the vault that you mean.',
    });
  }
  authorize(caller.actor, OPERATIONS[operation], caller.access, project);
  return caller;
}

/**
 * One act of the caller: decided before, so that nobody waits for a lock to be refused, and again under it.
 * Throws DomainError.
 */
export async function actAs<T>(
  context: Pick<VaultContext, 'reader' | 'act'>,
  session: Session,
  { vaultId, operation, project }: { vaultId: string; operation: Operation; project?: string },
  work: (act: Act, actor: MemberActor) => Promise<T>,
): Promise<T> {
  const { actor } = await authorized(context.reader, session, vaultId, operation, project);
  return context.act(vaultId, actor, async (act) => {
    await authorized(act.db, session, vaultId, operation, project);
    return work(act, actor);
  });
}

async function callerOf(db: Kysely<Database>, session: Session, vaultId: string): Promise<Caller | null> {
  const { account } = session;
  const row = await db
    .selectFrom('members')
    .select(['id', 'email', 'role'])
    .where('vault_id', '=', vaultId)
    .where('account_id', '=', account.id)
    .where('state', '=', 'Active')
    .executeTakeFirst();
  const access = row === undefined ? null : await accessOfMember(db, vaultId, row.email);
  if (row === undefined || access === null) return null;
  const { id: accountId, userName } = account;
  return {
    actor: { type: 'member', memberId: row.id, accountId, userName, email: row.email, role: row.role },
    access,
  };
}
