/**
 * Ends of access that have come: told to the audit log once each, to managers by a revision (V1), and to the sessions of
 * who ended. That they give nothing does not wait for this, and no state of a member changes (M5).
 *
 * Decides M5: what is told of an end that has come, and of a clock that was put back.
 */
import { type Kysely, sql } from 'kysely';
import type { Act, VaultContext } from '../act/context.ts';
import { byText } from '../common/scope.ts';
import { endSessions } from '../members/members.ts';
import type { Database } from '../store/schema.ts';

/** Clocks of servers beside each other differ: what is noted this far ahead was noted by another one. Milliseconds. */
const CLOCKS_DIFFER = 5 * 60 * 1000;

/** Writes an entry for each end that has come since they were last looked at. */
export async function noteEnds(context: VaultContext): Promise<void> {
  const now = context.clock.now();
  for (const vaultId of await vaultsToNote(context.reader, now)) {
    await context.act(vaultId, { type: 'system' }, async (act) => {
      const { ends_noted_until: noted } = act.vault;
      if (noted > act.now + CLOCKS_DIFFER) await noteClock(act, noted);
      else await noteBetween(act, noted);
      await act.db
        .updateTable('vaults')
        .set({ ends_noted_until: act.now })
        .where('id', '=', vaultId)
        .execute();
    });
  }
}

/** Those with an end to note, or noted by a clock that was put back since. */
async function vaultsToNote(db: Kysely<Database>, now: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct vaults.id from vaults join (${ALL_ENDS}) as ends on ends.vault_id = vaults.id
      where ends.at <= ${now} and ends.at > vaults.ends_noted_until
    union select id from vaults where ends_noted_until > ${now + CLOCKS_DIFFER}`.execute(db);
  return rows.map(({ id }) => id).sort(byText);
}

async function noteBetween(act: Act, after: number): Promise<void> {
  // Behind the lock: another replica looks as well.
  for (const end of await endsBetween(act, { after, until: act.now })) {
    const { action, kind, name, account, at } = end;
    if (action === 'member.ended') await endSessions(act, { account_id: account });
    const details = { ...ABOUT[action](end), expiresAt: at };
    await act.audit({ action, subject: { kind, key: name }, details });
  }
}

/** What was noted as ended and has not by the clock as it is now is given back by that alone; it will be noted again. */
async function noteClock(act: Act, noted: number): Promise<void> {
  const ends = await endsBetween(act, { after: act.now, until: noted });
  if (ends.length === 0) return;
  await act.audit({
    action: 'access.ends-undone',
    subject: { kind: 'Organization', key: act.vault.id },
    details: {
      notedUntil: noted,
      ends: ends.map(({ action, name, at }) => ({ action, of: name, expiresAt: at })),
    },
  });
}

/** One end of access in the tables. */
interface End {
  readonly action: keyof typeof ABOUT;
  readonly kind: 'Member' | 'Group';
  readonly name: string;
  /** Template, project, or member of a group. */
  readonly item: string;
  readonly access: string;
  /** The account of who ends; null: they have not joined. */
  readonly account: string | null;
  readonly at: number;
}

/** What the entry says beside whose it is and when. */
const ABOUT = {
  'member.ended': () => ({}),
  'member.template-ended': ({ item }: End) => ({ template: item }),
  'member.grant-ended': ({ item, access }: End) => ({ project: item, access }),
  'group.membership-ended': ({ item }: End) => ({ member: item }),
  'group.grant-ended': ({ item, access }: End) => ({ project: item, access }),
} as const;

/** All ends there are, come or not. */
const ALL_ENDS = sql`
  select vault_id, 'member.ended' as action, 'Member' as kind, email as name, '' as item, '' as access,
    account_id as account, ends_at as at
    from members where ends_at is not null
  union all select members.vault_id, 'member.template-ended', 'Member', email, templates.name, '', null, template_ends_at
    from members join templates on templates.id = template_id where template_ends_at is not null
  union all select members.vault_id, 'member.grant-ended', 'Member', email, projects.name, access, null, grants.ends_at
    from grants join members on members.id = member_id join projects on projects.id = project_id
    where grants.ends_at is not null and projects.deleted_at is null
  union all select members.vault_id, 'group.membership-ended', 'Group', ${sql.ref('groups.name')}, email, '', null,
    group_members.ends_at
    from group_members join members on members.id = member_id
    join ${sql.table('groups')} on ${sql.ref('groups.id')} = group_id where group_members.ends_at is not null
  union all select projects.vault_id, 'group.grant-ended', 'Group', ${sql.ref('groups.name')}, projects.name, access, null,
    group_grants.ends_at
    from group_grants join projects on projects.id = project_id
    join ${sql.table('groups')} on ${sql.ref('groups.id')} = group_id
    where group_grants.ends_at is not null and projects.deleted_at is null`;

/** Oldest first. */
async function endsBetween(
  { db, vault }: Act,
  { after, until }: { readonly after: number; readonly until: number },
): Promise<readonly End[]> {
  const { rows } = await sql<End>`select * from (${ALL_ENDS}) as ends
    where vault_id = ${vault.id} and at > ${after} and at <= ${until}`.execute(db);
  return rows.toSorted(
    (a, b) => a.at - b.at || byText(a.action, b.action) || byText(a.name, b.name) || byText(a.item, b.item),
  );
}
