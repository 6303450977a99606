/** Who may do what, and by which path (V3): the tables as `effectiveAccess` sees them, some members at a time. */
import { setImmediate } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { effectiveAccess } from '#model/access.ts';
import { type ExplainedCell, explained, type Question } from '#model/explanation.ts';
import type { MemberAccess } from '#model/organization.ts';
import { groupGrantsByMember, groupNamesByMember } from '../authorization/group-access.ts';
import { accessOfRow, namedGrants } from '../authorization/member-access.ts';
import { projectNames } from '../authorization/project-names.ts';
import { templateOf } from '../authorization/template-of.ts';
import { listByText, type PageQuery } from '../http/page.ts';
import { isActiveAt, type ShownState, shownState } from '../store/active-members.ts';
import type { Database, MemberTable } from '../store/schema.ts';

/** With the direct access, and what it comes to. */
export interface ExplainedMember extends MemberAccess {
  readonly email: string;
  readonly userName: string | null;
  readonly state: ShownState;
  /** Names of the groups that list the member. */
  readonly groups: readonly string[];
  readonly cells: readonly ExplainedCell[];
}

export interface AccessPage {
  readonly members: readonly ExplainedMember[];
  readonly next: string | null;
}

/** Members looked at in one go, and in one request: others have their turn in between. */
const BATCH = 250;
const LARGEST_LOOK = 2000;

/** One member, active or not: without effective access there are no cells. Undefined where there is none. */
export async function accessOfOne(
  db: Kysely<Database>,
  vaultId: string,
  email: string,
  question: Question,
  now: number,
): Promise<ExplainedMember | undefined> {
  return db.transaction().execute(async (at) => {
    const rows = await at
      .selectFrom('members')
      .selectAll()
      .where('vault_id', '=', vaultId)
      .where('email', '=', email)
      .execute();
    return (await explainedMembers(at, vaultId, rows, question, now))[0];
  });
}

const WHO_CAN = listByText('access');

/**
 * The active members that have what is asked for, sorted by e-mail. A page may hold fewer than `limit` and be
 * followed by another: one request looks at 2,000 members at most. Throws DomainError `BadCursor`.
 */
export async function whoCan(
  db: Kysely<Database>,
  vaultId: string,
  question: Question,
  query: PageQuery,
  now: number,
): Promise<AccessPage> {
  const { after, limit } = WHO_CAN.page(query);
  const found: ExplainedMember[] = [];
  let last = after?.[0] ?? '';
  for (let looked = 0; looked < LARGEST_LOOK; looked += BATCH) {
    if (looked > 0) await setImmediate();
    const batch = await db.transaction().execute(async (at) => {
      const rows = await at
        .selectFrom('members')
        .selectAll()
        .where('vault_id', '=', vaultId)
        .where(isActiveAt(now))
        .where('email', '>', last)
        .orderBy('email')
        .limit(BATCH)
        .execute();
      return { rows, members: await explainedMembers(at, vaultId, rows, question, now) };
    });
    for (const member of batch.members) {
      if (member.cells.length === 0) continue;
      if (found.length === limit) {
        return { members: found, next: WHO_CAN.cursor([found.at(-1)?.email ?? '']) };
      }
      found.push(member);
    }
    if (batch.rows.length < BATCH) return { members: found, next: null };
    last = batch.rows.at(-1)?.email ?? last;
  }
  return { members: found, next: WHO_CAN.cursor([last]) };
}

async function explainedMembers(
  db: Kysely<Database>,
  vaultId: string,
  rows: readonly MemberTable[],
  question: Question,
  now: number,
): Promise<ExplainedMember[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const names = await projectNames(db, vaultId);
  const templateRows = await db.selectFrom('templates').selectAll().where('vault_id', '=', vaultId).execute();
  const templates = new Map(templateRows.map((row) => [row.id, templateOf(row, names)]));
  const byName = new Map([...templates.values()].map((template) => [template.name, template]));
  const grantRows = await db.selectFrom('grants').selectAll().where('member_id', 'in', ids).execute();
  const grants = Map.groupBy(grantRows, ({ member_id }) => member_id);
  const groupGrants = await groupGrantsByMember(db, ids);
  const groups = await groupNamesByMember(db, ids);
  return rows.map((row) => {
    const access = accessOfRow(row, {
      template: row.template_id === null ? null : (templates.get(row.template_id)?.name ?? null),
      grants: namedGrants(grants.get(row.id), names),
      names,
    });
    const { email, user_name: userName, state } = row;
    const effective = effectiveAccess(
      { ...access, state },
      (name) => byName.get(name),
      groupGrants.get(row.id) ?? [],
      now,
    );
    const cells = explained(effective, question);
    return {
      email,
      userName,
      state: shownState(row, now),
      ...access,
      groups: groups.get(row.id) ?? [],
      cells,
    };
  });
}
