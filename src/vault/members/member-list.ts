/** Members as people see them in a list: role, state and direct access; how they sign in, for who may see it. */
import { type Kysely, sql } from 'kysely';
import type { MemberAccess } from '#model/organization.ts';
import { groupNamesByMember } from '../authorization/group-access.ts';
import { accessOfRow, namedGrants } from '../authorization/member-access.ts';
import { projectNames } from '../authorization/project-names.ts';
import { listByText, type PageQuery } from '../http/page.ts';
import { type ShownState, shownState } from '../store/active-members.ts';
import type { Database, MemberTable } from '../store/schema.ts';

export interface ListedMember extends MemberAccess {
  readonly id: string;
  /** The address that the membership was approved for. */
  readonly email: string;
  /** The address that the member's account has by now; null until they joined. */
  readonly accountEmail: string | null;
  readonly userName: string | null;
  /** Suspended while the member awaits something; Ended from the end on (M5). */
  readonly state: ShownState;
  /** Names of the groups that list the member. */
  readonly groups: readonly string[];
  /** O5, I4; null: nothing. */
  readonly awaits: MemberTable['awaits'];
  /** I4: the code that the owner has to confirm; null: none was made. */
  readonly confirmation: { readonly id: string; readonly proven: boolean } | null;
  /** Absent for who may not see it. */
  readonly signIn?: SignIn;
}

interface SignIn {
  /** Codes of an app, or a passkey, beside the password. */
  readonly secondFactor: boolean;
  /** In this vault, to about five minutes, in milliseconds; null: not yet. */
  readonly lastSeenAt: number | null;
}

/** Who asks, and whether they may see how others sign in and when they were here. */
export interface Viewer {
  readonly email: string;
  readonly seesOthers: boolean;
}

const MEMBERS = listByText('members');

/** A page of them, sorted by e-mail. Throws DomainError `BadCursor`. */
export async function listMembers(
  db: Kysely<Database>,
  vaultId: string,
  viewer: Viewer,
  query: PageQuery,
  now: number,
): Promise<{ members: ListedMember[]; next: string | null }> {
  const { after, limit } = MEMBERS.page(query);
  return db.transaction().execute(async (at) => {
    const found = await memberRows(at, vaultId)
      .$if(after !== null, (rows) => rows.where('members.email', '>', after?.[0] ?? ''))
      .orderBy('members.email')
      .limit(limit + 1)
      .execute();
    const { rows, next } = MEMBERS.paged(found, limit, ({ email }) => [email]);
    if (rows.length === 0) return { members: [], next };
    const ids = rows.map(({ id }) => id);
    const names = await projectNames(at, vaultId);
    const grantRows = await at.selectFrom('grants').selectAll().where('member_id', 'in', ids).execute();
    const grants = Map.groupBy(grantRows, ({ member_id }) => member_id);
    const groups = await groupNamesByMember(at, ids);
    const members = rows.map((row): ListedMember => {
      const { id, email, template, awaits, code, proven_at } = row;
      return {
        ...{ id, email, awaits },
        accountEmail: row.account_email,
        userName: row.user_name,
        state: shownState(row, now),
        ...accessOfRow(row, { template, grants: namedGrants(grants.get(id), names), names }),
        groups: groups.get(id) ?? [],
        confirmation: code === null ? null : { id: code, proven: proven_at !== null },
        ...(viewer.seesOthers || viewer.email === email ? { signIn: signInOf(row) } : {}),
      };
    });
    return { members, next };
  });
}

function memberRows(db: Kysely<Database>, vaultId: string) {
  return db
    .selectFrom('members')
    .leftJoin('accounts', 'accounts.id', 'members.account_id')
    .leftJoin('confirmations', 'confirmations.member_id', 'members.id')
    .leftJoin('templates', 'templates.id', 'members.template_id')
    .leftJoin('second_factors', 'second_factors.account_id', 'members.account_id')
    .selectAll('members')
    .select(['accounts.email as account_email', 'templates.name as template'])
    .select(['confirmations.id as code', 'proven_at', 'second_factors.confirmed_at'])
    .select(({ selectFrom }) =>
      selectFrom('passkeys')
        .select(sql<number>`count(*)`.as('count'))
        .whereRef('passkeys.account_id', '=', 'members.account_id')
        .as('passkeys'),
    )
    .where('members.vault_id', '=', vaultId);
}

function signInOf({
  confirmed_at,
  passkeys,
  last_seen_at,
}: {
  readonly confirmed_at: number | null;
  readonly passkeys: number | null;
  readonly last_seen_at: number | null;
}): SignIn {
  // PostgreSQL answers counts as text.
  return { secondFactor: confirmed_at !== null || Number(passkeys) > 0, lastSeenAt: last_seen_at };
}
