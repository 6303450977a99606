/** Whom members of a vault turn to, and where they read on. */
import type { Kysely } from 'kysely';
import type { Act } from '../act/context.ts';
import type { Database } from '../store/schema.ts';

export interface Support {
  /** An address, a channel, a telephone number; empty: none. */
  readonly contact: string;
  /** Empty: none. */
  readonly runbookUrl: string;
}

/** Empty where nobody wrote one. */
export async function supportOf(
  db: Kysely<Database>,
  vaultId: string,
): Promise<{ contact: string; runbookUrl: string }> {
  const row = await db.selectFrom('support').selectAll().where('vault_id', '=', vaultId).executeTakeFirst();
  return { contact: row?.contact ?? '', runbookUrl: row?.runbook_url ?? '' };
}

export async function setSupport(act: Act, { contact, runbookUrl }: Support): Promise<void> {
  const fields = { contact, runbook_url: runbookUrl };
  await act.db
    .insertInto('support')
    .values({ vault_id: act.vault.id, ...fields })
    .onConflict((conflict) => conflict.column('vault_id').doUpdateSet(fields))
    .execute();
  await act.audit({
    action: 'support.set',
    subject: { kind: 'Vault', key: act.vault.id },
    details: { contact, runbookUrl },
  });
}
