/** Alerts by mail: what a rule noticed within half a minute goes out as one mail, however much it is. */
import type { Transaction } from 'kysely';
import type { VaultContext } from '../act/context.ts';
import { enqueueMail, VAULT_ADDRESS } from '../mail/outbox.ts';
import { isActiveAt } from '../store/active-members.ts';
import type { AlertNoticeTable, Database } from '../store/schema.ts';
import { rulesOf } from './alert-rules.ts';
import type { AlertRule } from './matching.ts';

/** Milliseconds from the first notice. */
const SETTLE = 30_000;
/** Lines of a mail, and notices of one look; what is more is counted. */
const LINES = 50;
const BATCH = 5_000;

/** Mails what was noticed to those who are active members now (M1, M2). Rejects where the database does not answer. */
export async function mailAlerts(
  context: Pick<VaultContext, 'reader' | 'bookkeepIn' | 'clock'>,
): Promise<void> {
  const now = context.clock.now();
  const vaults = await context.reader
    .selectFrom('alert_notices')
    .select('vault_id')
    .distinct()
    .where('at', '<=', now - SETTLE)
    .execute();
  // Under the lock of the vault: of two servers that look at once the second one finds nothing.
  for (const { vault_id: vaultId } of vaults) {
    await context.bookkeepIn(vaultId, (db) => mailVault(db, vaultId, now));
  }
}

async function mailVault(db: Transaction<Database>, vaultId: string, now: number): Promise<void> {
  const vault = await db
    .selectFrom('vaults')
    .select('display_name')
    .where('id', '=', vaultId)
    .executeTakeFirst();
  const notices = await db
    .selectFrom('alert_notices')
    .selectAll()
    .where('vault_id', '=', vaultId)
    .orderBy('at')
    .orderBy('id')
    .limit(BATCH)
    .execute();
  const last = notices.at(-1);
  if (vault === undefined || last === undefined) return;
  for (const rule of await rulesOf(db, vaultId)) {
    const noticed = notices.filter((notice) => notice.rule === rule.name);
    if (!rule.enabled || noticed.length === 0) continue;
    for (const to of await recipientsOf(db, vaultId, rule, now)) {
      await enqueueMail(db, {
        ...{ at: now, to, vaultId, kind: 'alert', subject: `${vault.display_name}: ${rule.name}` },
        text: textOf(vault.display_name, rule, noticed),
      });
    }
  }
  await db
    .deleteFrom('alert_notices')
    .where('vault_id', '=', vaultId)
    .where((at) => at.or([at('at', '<', last.at), at.and([at('at', '=', last.at), at('id', '<=', last.id)])]))
    .execute();
}

async function recipientsOf(
  db: Transaction<Database>,
  vaultId: string,
  { roles, emails }: AlertRule,
  now: number,
): Promise<string[]> {
  const members = await db
    .selectFrom('members')
    .innerJoin('accounts', 'accounts.id', 'members.account_id')
    .select(['members.email', 'role', 'accounts.email as address'])
    .where('vault_id', '=', vaultId)
    .where(isActiveAt(now))
    .orderBy('members.email')
    .execute();
  return members
    .filter(({ email, role }) => roles.includes(role) || emails.includes(email))
    .map(({ address }) => address);
}

function textOf(organization: string, { name }: AlertRule, notices: readonly AlertNoticeTable[]): string {
  const lines = [...notices]
    // What may have to be answered comes first: it is not to be hidden behind fifty harmless acts.
    .sort((a, b) => Number(b.urgency !== null) - Number(a.urgency !== null))
    .slice(0, LINES)
    .map(({ at, action, subject, actor, entry, urgency }) =>
      [
        `${new Date(at).toISOString()} ${action}: ${subject}`,
        ...(urgency === null ? [] : [`, ${urgency}`]),
        `, by ${actor} (${entry})`,
      ]
        .join('')
        .replaceAll(/\p{Cc}/gu, ' '),
    );
  const more = notices.length - lines.length;
  return [
    `The alert rule "${name}" of "${organization}" noticed:`,
    '',
    ...lines,
    ...(more > 0 ? [`and ${more} more, in the audit log`] : []),
    '',
    VAULT_ADDRESS,
  ].join('\n');
}
