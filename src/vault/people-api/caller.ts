/** The person behind a request to a vault, let through by the one function that decides (V3). */
import type { Kysely } from 'kysely';
import type { EffectiveAccess } from '#model/access.ts';
import type { MemberActor } from '../act/actor.ts';
import type { Act } from '../act/context.ts';
import {
  accessOfMember,
  authorize,
  OPERATIONS,
  type Operation,
  type Requirement,
} from '../authorization/authorization.ts';
import { DomainError } from '../common/domain-error.ts';
import type { Session } from '../sessions/sessions.ts';
import type { Database, VaultTable } from '../store/schema.ts';
import { requirePlan } from '../tiers/lapse.ts';
import { requireOrganization } from '../tiers/personal.ts';

export interface Caller {
  readonly actor: MemberActor;
  readonly access: EffectiveAccess;
}

interface CallerInVault extends Caller {
  readonly kind: VaultTable['kind'];
}

/**
 * The caller as this transaction sees them, so that a suspension in the same moment wins (M1) and a template
 * acts on the next request (T2). Throws DomainError `NotAMember`, `Forbidden` and `PersonalVault`.
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
  const requirement: Requirement = OPERATIONS[operation];
  authorize(caller.actor, requirement, caller.access, project);
  if (requirement.organization === true) requireOrganization(caller);
  return caller;
}

/** P4: in an organization whose tier lapsed, access can only be taken away. Throws DomainError `PlanLapsed`. */
export function requireTierFor(operation: Operation, act: Act): void {
  const requirement: Requirement = OPERATIONS[operation];
  if (requirement.takesAway !== true) requirePlan(act);
}

async function callerOf(
  db: Kysely<Database>,
  session: Session,
  vaultId: string,
): Promise<CallerInVault | null> {
  const { account } = session;
  const row = await db
    .selectFrom('members')
    .innerJoin('vaults', 'vaults.id', 'members.vault_id')
    .select(['members.id', 'email', 'role', 'kind'])
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
    kind: row.kind,
  };
}
