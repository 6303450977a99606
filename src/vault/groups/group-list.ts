import type { Kysely } from 'kysely';
import { type Ending, ending } from '#model/ends.ts';
import type { Grant } from '#model/organization.ts';
import { grantRowsOf, sortedGrants } from '../authorization/group-access.ts';
import { refuse } from '../common/domain-error.ts';
import { listByText, type PageQuery } from '../http/page.ts';
import { type ShownState, shownState } from '../store/active-members.ts';
import type { Database } from '../store/schema.ts';

export interface ListedGroup {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** How many it lists, invitees among them. */
  readonly members: number;
  readonly grants: readonly Grant[];
}

const GROUPS = listByText('groups');

/** A page of the groups of a vault, sorted by name. Throws DomainError `BadCursor`. */
export async function listGroups(
  db: Kysely<Database>,
  vaultId: string,
  query: PageQuery,
): Promise<{ groups: ListedGroup[]; next: string | null }> {
  const { after, limit } = GROUPS.page(query);
  const found = await db
    .selectFrom('groups')
    .select(['id', 'name', 'description'])
    .select(({ selectFrom }) =>
      selectFrom('group_members')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .whereRef('group_members.group_id', '=', 'groups.id')
        .as('members'),
    )
    .where('vault_id', '=', vaultId)
    .$if(after !== null, (rows) => rows.where('name', '>', after?.[0] ?? ''))
    .orderBy('name')
    .limit(limit + 1)
    .execute();
  const { rows, next } = GROUPS.paged(found, limit, ({ name }) => [name]);
  const grants = await grantsOf(
    db,
    rows.map(({ id }) => id),
  );
  const groups = rows.map((row) => ({ ...row, members: row.members ?? 0, grants: grants.get(row.id) ?? [] }));
  return { groups, next };
}

async function grantsOf(db: Kysely<Database>, ids: readonly string[]): Promise<Map<string, Grant[]>> {
  if (ids.length === 0) return new Map();
  const rows = await grantRowsOf(db).where('group_grants.group_id', 'in', ids).execute();
  const byGroup = Map.groupBy(rows, ({ group_id }) => group_id);
  return new Map([...byGroup].map(([id, grants]) => [id, sortedGrants(grants)]));
}

export interface GroupPage {
  readonly members: (Ending & {
    readonly email: string;
    readonly state: ShownState;
  })[];
  readonly next: string | null;
}

const GROUP_MEMBERS = listByText('group-members');

/** Whom a group lists, sorted by e-mail, a page at a time. Throws DomainError `NotFound`, `BadCursor`. */
export async function groupMembers(
  db: Kysely<Database>,
  vaultId: string,
  name: string,
  query: PageQuery,
  now: number,
): Promise<GroupPage> {
  const { after, limit } = GROUP_MEMBERS.page(query);
  const group = await db
    .selectFrom('groups')
    .select('id')
    .where('vault_id', '=', vaultId)
    .where('name', '=', name)
    .executeTakeFirst();
  if (group === undefined) throw refuse('NotFound', `There is no group ${name}.`);
  const found = await db
    .selectFrom('group_members')
    .innerJoin('members', 'members.id', 'group_members.member_id')
    .select(['members.email', 'members.state', 'members.ends_at', 'group_members.ends_at as until'])
    .where('group_id', '=', group.id)
    .$if(after !== null, (rows) => rows.where('members.email', '>', after?.[0] ?? ''))
    .orderBy('members.email')
    .limit(limit + 1)
    .execute();
  const { rows, next } = GROUP_MEMBERS.paged(found, limit, ({ email }) => [email]);
  const members = rows.map(({ email, until, ...member }) => ({
    email,
    state: shownState(member, now),
    ...ending(until),
  }));
  return { members, next };
}
