/**
 * The end of an account: its memberships end as if the person had left each (M3), and the audit logs stay.
 *
 * Decides M3: that deleting an account leaves its memberships.
 */
import type { Transaction } from 'kysely';
import type { VaultContext } from '../act/context.ts';
import { DomainError } from '../common/domain-error.ts';
import { leave } from '../members/member-acts.ts';
import { holdCredentials } from '../sessions/proof.ts';
import type { Session } from '../sessions/sessions.ts';
import type { Database } from '../store/schema.ts';
import { notify } from './account-notices.ts';
import { membershipOf, vaultsOf } from './memberships.ts';

/**
 * Deletes the account with all that proves its person, in one transaction with the ends of its memberships. Throws
 * DomainError `OwnsVaults`, which names them, `MembershipsChanged` and `CredentialsChanged`.
 */
export async function deleteAccount(
  context: Pick<VaultContext, 'reader' | 'actInEach' | 'clock'>,
  session: Session,
): Promise<void> {
  const { account } = session;
  const { id: accountId, userName, email } = account;
  await context.actInEach(
    await vaultsOf(context.reader, accountId),
    { type: 'account', accountId, userName, email },
    async (act) => {
      const member = await membershipOf(act.db, act.vault.id, accountId);
      if (member?.role === 'Owner') throw await ownsVaults(act.db, accountId);
      if (member !== undefined) await leave(act, member.email);
    },
    async (db) => {
      await holdCredentials(db, session);
      const { numDeletedRows } = await db
        .deleteFrom('accounts')
        .where('id', '=', accountId)
        .where(({ not, exists, selectFrom }) =>
          not(exists(selectFrom('members').select('id').where('account_id', '=', accountId))),
        )
        .executeTakeFirstOrThrow();
      if (numDeletedRows !== 1n) {
        throw new DomainError({
          code: 'MembershipsChanged',
          status: 409,
          detail: 'You joined a vault at this moment.',
          next: 'Send the request again.',
        });
      }
      await notify(db, email, 'account-deleted', context.clock.now());
    },
  );
}

async function ownsVaults(db: Transaction<Database>, accountId: string): Promise<DomainError> {
  const owned = await db
    .selectFrom('members')
    .innerJoin('vaults', 'vaults.id', 'members.vault_id')
    .select(['vaults.id', 'vaults.display_name'])
    .where('members.account_id', '=', accountId)
    .where('members.role', '=', 'Owner')
    .orderBy('vaults.display_name')
    .execute();
  const names = owned.map(({ id, display_name }) => `${display_name} (${id})`).join(', ');
  return new DomainError({
    code: 'OwnsVaults',
    status: 409,
    detail: `You own ${names}.`,
    next: 'Transfer each to somebody else, or delete it.',
  });
}
