/**
 * V4: a delegation as it is when it acts. What was read when the request came may be over by now, so that each act
 * reads it again under the lock of the vault: revocation, end, keys and bounds hold from that moment on.
 *
 * Decides V4: whether a delegation still holds when it acts.
 */
import type { Kysely } from 'kysely';
import type { Ability } from '#protocol/management.ts';
import type { AutomationActor, DelegatedRequest } from '../act/actor.ts';
import type { Act, VaultContext } from '../act/context.ts';
import { authorize, OPERATIONS, type Operation } from '../authorization/authorization.ts';
import { AddressList } from '../common/addresses.ts';
import { DomainError, refuse } from '../common/domain-error.ts';
import type { AutomationTable, Database } from '../store/schema.ts';
import { boundsOf } from './stored-bounds.ts';

export interface DelegatedAct {
  readonly vaultId: string;
  readonly actor: AutomationActor;
  readonly operation: Operation;
}

/** One act of an automation identity. Throws DomainError `Unauthenticated` where it is over, and `Forbidden`. */
export function actDelegated<T>(
  context: Pick<VaultContext, 'act'>,
  { vaultId, actor, operation }: DelegatedAct,
  work: (act: Act, actor: AutomationActor) => Promise<T>,
): Promise<T> {
  return context.act(vaultId, actor, (act) => {
    const present = act.actor as AutomationActor;
    authorize(present, OPERATIONS[operation]);
    return work(act, present);
  });
}

/** The actor as `db` has it, let through. Throws DomainError `Unauthenticated` where it is over, and `Forbidden`. */
export async function presentActor(
  db: Kysely<Database>,
  { actor, operation }: DelegatedAct,
  now: number,
): Promise<AutomationActor> {
  const present = await currentDelegation(db, actor, now);
  authorize(present, OPERATIONS[operation]);
  return present;
}

/** The identity and its key as they are in `db`. Throws DomainError 401 `Unauthenticated` where either is over, and `Forbidden` by its address. */
export async function currentDelegation(
  db: Kysely<Database>,
  { id, request }: Pick<AutomationActor, 'id' | 'request'>,
  now: number,
): Promise<AutomationActor> {
  const row = await db
    .selectFrom('automations')
    .innerJoin('automation_keys', 'automation_keys.automation_id', 'automations.id')
    .selectAll('automations')
    .where('automations.id', '=', id)
    .where('automation_keys.public_key', '=', request.publicKey)
    .executeTakeFirst();
  if (row === undefined || isEnded(row, now)) throw unauthenticated();
  const actor = automationActor(row, request);
  checkAddress(actor);
  return actor;
}

export function automationActor(row: AutomationTable, request: DelegatedRequest): AutomationActor {
  const { id, name, abilities } = row;
  const { ceilings, gains, managers, ...bounds } = boundsOf(row);
  return {
    type: 'automation',
    id,
    name,
    abilities: JSON.parse(abilities) as Ability[],
    ceilings,
    gains,
    managers,
    bounds,
    request,
  };
}

/** V9. Throws `Forbidden` where the request comes from outside of what the delegation is bounded to. */
export function checkAddress({ bounds: { addresses }, request: { source } }: AutomationActor): void {
  if (addresses === null || new AddressList(addresses).has(source)) return;
  throw refuse(
    'Forbidden',
    'The delegation is bounded to addresses, and this request comes from another.',
    'Send it from one of them, or have the owner change the bound.',
  );
}

/** Revoked, or past its end. */
export function isEnded({ revoked_at, expires_at }: AutomationTable, now: number): boolean {
  return revoked_at !== null || (expires_at !== null && expires_at <= now);
}

/** The same for every cause, so that nobody learns which identities there are. */
export function unauthenticated(
  detail = 'The signature is not that of an automation identity of this vault, or was used before.',
): DomainError {
  return new DomainError({
    code: 'Unauthenticated',
    status: 401,
    detail,
    next: 'Check the identity, its key and whether the owner revoked it.',
  });
}
