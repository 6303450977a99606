/** A request of a person in a vault, once its caller was let through: what its route may do with it. */
import type { Kysely } from 'kysely';
import type { MemberActor } from '../act/actor.ts';
import type { Act, VaultContext } from '../act/context.ts';
import type { Operation } from '../authorization/authorization.ts';
import { refuse } from '../common/domain-error.ts';
import { type Session, sessionAgain } from '../sessions/sessions.ts';
import type { Database } from '../store/schema.ts';
import { type AskedOfCaller, authorized, type Caller, requireTierFor } from './caller.ts';
import { notSignedIn } from './people-app.ts';

/** What a request in a vault comes with, whatever its schemas are: a caller who may do its operation. */
export interface VaultCall {
  readonly vaultId: string;
  readonly session: Session;
  /** As they were when the request came; in `act`, as they are under the lock. */
  readonly caller: Caller;
  /** One act of the caller, who is asked for the operation again under the lock. Throws DomainError. */
  acting<T>(work: (act: Act, actor: MemberActor) => Promise<T>): Promise<T>;
  /** Asks for one of the operations of `also`. Throws DomainError `NotAMember`, `PersonalVault`, `Forbidden`. */
  requireAlso(db: Kysely<Database>, operation: Operation, project?: string): Promise<Caller>;
  /**
   * For a request that stays open: the caller as they are by now, asked for the operation again. Throws DomainError as
   * any request does that comes now: `NotSignedIn`, `NotAMember`, `Forbidden`.
   */
  callerNow(): Promise<Caller>;
}

interface OpenCall extends VaultCall {
  /** One act, with the caller as they are under the lock. */
  underLock<T>(work: (act: Act, caller: Caller) => Promise<T>): Promise<T>;
}

/**
 * What a path names by id is acted on by name, so the name must be the one that was looked up. Throws DomainError
 * `NotFound`.
 */
function requireSameNames({ names: before }: Caller, { names: now }: Caller): void {
  if (Object.entries(before).every(([parameter, name]) => now[parameter] === name)) return;
  throw refuse(
    'NotFound',
    'What the path names by its id got another name in the same moment.',
    'Try again.',
  );
}

/** Lets the caller through, or throws DomainError `NotAMember`, `PersonalVault`, `Forbidden`. */
export async function openCall(
  context: VaultContext,
  session: Session,
  { also, ...asked }: AskedOfCaller & { readonly also: readonly Operation[] },
): Promise<OpenCall> {
  const { vaultId, operation } = asked;
  const caller = await authorized(context.reader, session, asked, context.clock.now());
  const underLock: OpenCall['underLock'] = (work) =>
    context.act(vaultId, caller.actor, async (act) => {
      // Once more: a suspension in the same moment wins (M1).
      const now = await authorized(act.db, session, asked, act.now);
      requireSameNames(caller, now);
      requireTierFor(operation, act);
      return work(act, now);
    });
  return {
    vaultId,
    session,
    caller,
    underLock,
    acting: (work) => underLock((act, now) => work(act, now.actor)),
    requireAlso: (db, other, project) => {
      if (!also.includes(other))
        throw new Error(`${operation} does not declare that it also asks for ${other}`);
      return authorized(db, session, { vaultId, operation: other, project }, context.clock.now());
    },
    callerNow: async () => {
      const now = await sessionAgain(context, session);
      if (now === null) throw notSignedIn();
      return authorized(context.reader, now, asked, context.clock.now());
    },
  };
}
