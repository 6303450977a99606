/** The person behind a request to a vault, let through by the one function that decides (V3). */
import type { Kysely } from 'kysely';
import type { EffectiveAccess } from '#model/access.ts';
import type { MemberActor } from '../act/actor.ts';
import type { Act } from '../act/context.ts';
import {
  authorizeMember,
  OPERATIONS,
  type Operation,
  type Requirement,
} from '../authorization/authorization.ts';
import { DomainError } from '../common/domain-error.ts';
import type { Session } from '../sessions/sessions.ts';
import { isActiveAt } from '../store/active-members.ts';
import type { Database } from '../store/schema.ts';
import { requireTier } from '../tiers/lapse.ts';
import { requireOrganization } from '../tiers/personal.ts';
import { namesOf, type References } from './references.ts';

export interface Caller {
  readonly actor: MemberActor;
  readonly access: EffectiveAccess;
  /** What the path names, by parameter, as it is called by now. */
  readonly names: Readonly<Record<string, string>>;
}

/** What a request asks of its caller, as its route declares it. */
export interface AskedOfCaller {
  readonly vaultId: string;
  readonly operation: Operation;
  /** Name of the project in which it is judged (T3). */
  readonly project?: string | undefined;
  /** What the path names; left out: nothing. */
  readonly references?: References;
  /** The one of them that is the project in which it is judged, instead of a name. */
  readonly projectParameter?: string | undefined;
}

/**
 * The caller as this transaction sees them, so that a suspension in the same moment wins (M1) and a template
 * acts on the next request (T2); what has ended by `now` gives nothing (M5). Throws DomainError `NotAMember`, `PersonalVault` and `Forbidden`.
 */
export async function authorized(
  db: Kysely<Database>,
  session: Session,
  asked: AskedOfCaller,
  now: number,
): Promise<Caller> {
  const { vaultId, operation, references = {}, projectParameter = '' } = asked;
  const member = session.vaultId === vaultId ? await activeMember(db, session, vaultId, now) : undefined;
  if (member === undefined) throw notAMember();
  const requirement: Requirement = OPERATIONS[operation];
  if (requirement.organization === true) requireOrganization(member);
  const { id: memberId, email, role } = member;
  const names = await namesOf(db, vaultId, references);
  const project = asked.project ?? names[projectParameter];
  const givenAs = asked.project ?? references[projectParameter]?.given;
  const access = await authorizeMember(db, { vaultId, email, now }, requirement, project, givenAs);
  if (access === null) throw notAMember();
  const { id: accountId, userName } = session.account;
  return { actor: { type: 'member', memberId, accountId, userName, email, role }, access, names };
}

/** P4: in an organization whose tier lapsed, access can only be taken away. Throws DomainError `PlanLapsed`. */
export function requireTierFor(operation: Operation, act: Act): void {
  const requirement: Requirement = OPERATIONS[operation];
  if (requirement.takesAway !== true) requireTier(act);
}

function activeMember(db: Kysely<Database>, { account }: Session, vaultId: string, now: number) {
  return db
    .selectFrom('members')
    .innerJoin('vaults', 'vaults.id', 'members.vault_id')
    .select(['members.id', 'email', 'role', 'kind'])
    .where('vault_id', '=', vaultId)
    .where('account_id', '=', account.id)
    .where(isActiveAt(now))
    .executeTakeFirst();
}

function notAMember(): DomainError {
  return new DomainError({
    code: 'NotAMember',
    status: 403,
    detail: 'This session is not bound to such a vault, or you are not an active member of it.',
    next: 'Sign in to the vault that you mean.',
  });
}
