/**
 * V4: the name of a manager that an identity goes by. Its owner names it; where they named none, the first by which it
 * takes the lease is kept, and that must be a new one: records, holds and machines go by the name, so whoever takes
 * another's takes those.
 *
 * Decides V4: which name an identity may take where its owner named none.
 */
import type { Kysely } from 'kysely';
import type { AutomationActor } from '../act/actor.ts';
import { refuse } from '../common/domain-error.ts';
import type { Database } from '../store/schema.ts';
import { checkManager } from './automation-bounds.ts';

/**
 * Throws `Forbidden` for a manager that the identity does not act for, and, where it acts for none so far, for one whose
 * name another delegation has, ended or not, or a record goes by.
 */
export async function checkManagerOrFirst(
  db: Kysely<Database>,
  vaultId: string,
  actor: Pick<AutomationActor, 'id' | 'managers'>,
  manager: string,
): Promise<void> {
  if (actor.managers !== null) {
    checkManager(actor, manager);
    return;
  }
  const taken =
    (await isOfAnotherDelegation(db, vaultId, actor.id, manager)) ||
    (await isOfRecords(db, vaultId, manager));
  if (!taken) return;
  throw refuse(
    'Forbidden',
    `The delegation was given no manager, and ${manager} is the name of another.`,
    `Use another name, or have the owner name it for this identity: seneschal vault automation set-bounds ${actor.id} --managers ${manager}`,
  );
}

async function isOfAnotherDelegation(
  db: Kysely<Database>,
  vaultId: string,
  id: string,
  manager: string,
): Promise<boolean> {
  const others = await db
    .selectFrom('automations')
    .select('managers')
    .where('vault_id', '=', vaultId)
    .where('id', '!=', id)
    .where('managers', 'is not', null)
    .execute();
  return others.some(({ managers }) => (JSON.parse(managers ?? '[]') as string[]).includes(manager));
}

async function isOfRecords(db: Kysely<Database>, vaultId: string, manager: string): Promise<boolean> {
  const record = await db
    .selectFrom('records')
    .select('manager')
    .where('vault_id', '=', vaultId)
    .where('manager', '=', manager)
    .limit(1)
    .executeTakeFirst();
  return record !== undefined;
}
