/**
 * O2: a vault is deleted by its owner alone; accounts and other vaults stay as they are.
 *
 * Decides O2: what a deletion takes, and that it is typed.
 */
import type { Act } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import { mailAddresses } from '../mail/member-address.ts';
import { enqueueMail } from '../mail/outbox.ts';

/** What the owner types. */
const TYPED_DELETION = 'DELETE';

export interface Deletion {
  readonly displayName: string;
  /** Members that lost it, the owner left out. */
  readonly members: number;
  readonly machines: number;
}

/**
 * Deletes the vault with all in it; its machines are unknown from then on. What stays is a row that says who did it,
 * with the head that the audit log ended with. The caller has proven the owner anew. Throws DomainError `Invalid`
 * unless DELETE was typed.
 */
export async function deleteVault(act: Act, typed: string): Promise<Deletion> {
  if (typed !== TYPED_DELETION) {
    throw refuse(
      'Invalid',
      'The typed word is not DELETE.',
      'Send {"confirm": "DELETE"} to delete the vault with all in it.',
    );
  }
  const { db, vault, now } = act;
  const subject = { kind: 'Organization', key: vault.id };
  await act.audit({
    action: 'organization.deleted',
    subject,
    details: { displayName: vault.display_name, kind: vault.kind },
  });
  const { members, machines } = await lastHolders(act);
  const deletedBy = act.actor.type === 'member' ? act.actor.userName : 'system';
  await recordDeletion(act, deletedBy);
  // Sessions stay open, and choose another vault.
  await db.updateTable('sessions').set({ vault_id: null }).where('vault_id', '=', vault.id).execute();
  const addresses = await mailAddresses(db, vault.id);
  // Before the vault: they refer to templates, which do not take them along.
  await db.deleteFrom('members').where('vault_id', '=', vault.id).execute();
  await db.deleteFrom('vaults').where('id', '=', vault.id).execute();
  const joined = members.filter(({ account_id }) => account_id !== null);
  for (const { email, account_id } of joined) {
    const to = addresses.get(account_id ?? '') ?? email;
    await enqueueMail(db, { at: now, to, ...deletionLetter(vault, deletedBy) });
  }
  return {
    displayName: vault.display_name,
    members: joined.filter(({ role }) => role !== 'Owner').length,
    machines,
  };
}

/** Who and what is in it as it goes. */
async function lastHolders({ db, vault }: Act) {
  const members = await db
    .selectFrom('members')
    .select(['email', 'role', 'account_id'])
    .where('vault_id', '=', vault.id)
    .execute();
  const { machines } = await db
    .selectFrom('machines')
    .select(({ fn }) => fn.countAll<number>().as('machines'))
    .where('vault_id', '=', vault.id)
    .executeTakeFirstOrThrow();
  return { members, machines };
}

/** What stays: who did it, and the head that the audit log ended with. */
async function recordDeletion({ db, vault, now }: Act, deletedBy: string): Promise<void> {
  const head = await db
    .selectFrom('audit_entries')
    .select(['sequence', 'hash'])
    .where('vault_id', '=', vault.id)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  await db
    .insertInto('deleted_vaults')
    .values({
      vault_id: vault.id,
      display_name: vault.display_name,
      deleted_by: deletedBy,
      deleted_at: now,
      audit_epoch: vault.epoch,
      audit_sequence: head.sequence,
      audit_hash: head.hash,
    })
    .execute();
}

function deletionLetter(vault: Act['vault'], deletedBy: string) {
  return {
    subject: `${vault.display_name} was deleted`,
    text: `${deletedBy} deleted ${vault.display_name} (${vault.id}). Your account and your other vaults are as they were.\n`,
    kind: 'organization-deleted',
  } as const;
}
