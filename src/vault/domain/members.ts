/** Members and invites in the tables. Checks rules; the caller writes the audit entry (A2). */

import type { Kysely } from 'kysely';
import type { MemberAccess, MemberState, Role } from '../../model/organization.ts';
import type { Database, MemberTable } from '../store/schema.ts';
import type { Act } from './context.ts';
import { DomainError, refuse } from './domain-error.ts';
import { projectIds, projectNames } from './projects.ts';
import { byText, idScope, readScope } from './scope.ts';

/** I2: how long an invite is open, in milliseconds. */
const INVITE_LIFE = 7 * 24 * 60 * 60 * 1000;
/** I2: how often it is sent without an edit in Git. */
export const INVITE_ATTEMPTS = 3;

export interface MemberWithAccess {
  readonly row: MemberTable;
  readonly access: MemberAccess;
}

/** The member of an e-mail (lower case), with the access by natural keys; undefined where there is none. */
export async function findMember(
  db: Kysely<Database>,
  vaultId: string,
  email: string,
): Promise<MemberWithAccess | undefined> {
  const row = await db
    .selectFrom('members')
    .selectAll()
    .where('vault_id', '=', vaultId)
    .where('email', '=', email)
    .executeTakeFirst();
  return row === undefined ? undefined : { row, access: await accessOf(db, row) };
}

/** The same; throws `NotFound`. */
export async function memberNamed(act: Act, email: string): Promise<MemberWithAccess> {
  const member = await findMember(act.db, act.vault.id, email);
  if (member === undefined) throw refuse('NotFound', `${email} is not a member.`);
  return member;
}

/** What a member row grants, by natural keys (design §5). */
export async function accessOf(db: Kysely<Database>, row: MemberTable): Promise<MemberAccess> {
  const template =
    row.template_id === null
      ? undefined
      : await db.selectFrom('templates').select('name').where('id', '=', row.template_id).executeTakeFirst();
  const grants = await db
    .selectFrom('grants')
    .innerJoin('projects', 'projects.id', 'grants.project_id')
    .select(['projects.name as project', 'grants.access'])
    .where('grants.member_id', '=', row.id)
    .where('projects.deleted_at', 'is', null)
    .execute();
  return {
    role: row.role,
    template: template?.name ?? null,
    projectScope:
      row.project_scope === null
        ? null
        : readScope(idScope(row.project_scope), await projectNames(db, row.vault_id)),
    grants: grants.sort((a, b) => byText(a.project, b.project)),
  };
}

/** I1, I5: a new member whose invite is open. Throws `SeatsExhausted`, `AlreadyInvited`, `StaleBefore`. */
export async function inviteMember(act: Act, email: string, access: MemberAccess): Promise<string> {
  const existing = await findMember(act.db, act.vault.id, email);
  if (existing?.row.state === 'Invited') throw refuse('AlreadyInvited', `${email} is invited already.`);
  if (existing !== undefined) throw refuse('StaleBefore', `${email} is a member already.`);
  await checkSeats(act);
  const id = act.ids.make('mem');
  await act.db
    .insertInto('members')
    .values({
      id,
      vault_id: act.vault.id,
      account_id: null,
      email,
      user_name: null,
      state: 'Invited',
      created_at: act.now,
      joined_at: null,
      ...(await accessColumns(act, access, null)),
    })
    .execute();
  await storeGrants(act, id, access);
  await sendInvite(act, id, 1);
  return id;
}

/** I2: the invite of a member is open (again) from now on, under a new id. */
export async function sendInvite(act: Act, memberId: string, attempts: number): Promise<void> {
  const sent = {
    id: act.ids.make('inv'),
    sent_at: act.now,
    expires_at: act.now + INVITE_LIFE,
    attempts,
  };
  await act.db
    .insertInto('invites')
    .values({ vault_id: act.vault.id, member_id: memberId, ...sent })
    .onConflict((conflict) => conflict.column('member_id').doUpdateSet(sent))
    .execute();
}

/**
 * I3: the invitee joins with an account that exists; the member is Active. Throws `MemberAlready` where the account is
 * a member under an address that it had before.
 */
export async function joinMember(
  act: Act,
  member: MemberTable,
  account: { readonly id: string; readonly userName: string },
): Promise<void> {
  const other = await act.db
    .selectFrom('members')
    .select('email')
    .where('vault_id', '=', act.vault.id)
    .where('account_id', '=', account.id)
    .executeTakeFirst();
  if (other !== undefined) {
    throw new DomainError({
      code: 'MemberAlready',
      status: 409,
      detail: `Your account is a member of this vault as ${other.email}.`,
      next: 'Leave it first, or ask its owner to remove that membership.',
    });
  }
  await act.db
    .updateTable('members')
    .set({ account_id: account.id, user_name: account.userName, state: 'Active', joined_at: act.now })
    .where('id', '=', member.id)
    .execute();
  await act.db.deleteFrom('invites').where('member_id', '=', member.id).execute();
}

/** Replaces role, template, scope and grants at once. */
export async function setAccess(act: Act, member: MemberTable, access: MemberAccess): Promise<void> {
  await act.db
    .updateTable('members')
    .set(await accessColumns(act, access, member.template_id))
    .where('id', '=', member.id)
    .execute();
  await act.db.deleteFrom('grants').where('member_id', '=', member.id).execute();
  await storeGrants(act, member.id, access);
}

/** M1: changes the state; leaving Active cuts the sessions in this vault at once. */
export async function setState(
  act: Act,
  member: MemberTable,
  state: Exclude<MemberState, 'Invited'>,
): Promise<void> {
  await act.db.updateTable('members').set({ state }).where('id', '=', member.id).execute();
  if (state !== 'Active') await cutSessions(act, member);
}

/** M2: drops membership, invite, grants and sessions. */
export async function dropMember(act: Act, member: MemberTable): Promise<void> {
  await cutSessions(act, member);
  await act.db.deleteFrom('members').where('id', '=', member.id).execute();
}

/** Rail 3, O3: throws `Floor` for the owner. */
export function checkNotOwner(email: string, role: Role): void {
  if (role === 'Owner') throw refuse('Floor', `${email} is the owner.`);
}

async function cutSessions(act: Act, member: MemberTable): Promise<void> {
  if (member.account_id === null) return;
  await act.db
    .deleteFrom('sessions')
    .where('account_id', '=', member.account_id)
    .where('vault_id', '=', act.vault.id)
    .execute();
}

async function checkSeats(act: Act): Promise<void> {
  const cap = act.plan.caps.members;
  if (cap === null) return;
  const { used } = await act.db
    .selectFrom('members')
    .select(({ fn }) => fn.countAll<number>().as('used'))
    .where('vault_id', '=', act.vault.id)
    .executeTakeFirstOrThrow();
  if (used < cap) return;
  const { name, billingUrl } = act.plan;
  throw refuse(
    'SeatsExhausted',
    `The plan ${name} has ${cap} seats and ${used} are taken.`,
    billingUrl === '' ? 'Free a seat, or move to a larger plan.' : `Free a seat, or upgrade: ${billingUrl}`,
  );
}

async function accessColumns(
  act: Act,
  access: MemberAccess,
  held: string | null,
): Promise<Pick<MemberTable, 'role' | 'template_id' | 'project_scope'>> {
  if (access.role === 'Owner') throw refuse('Invalid', 'Ownership is transferred by the owner.');
  let template_id: string | null = null;
  if (access.template !== null) {
    const template = await act.db
      .selectFrom('templates')
      .select(['id', 'archived_at'])
      .where('vault_id', '=', act.vault.id)
      .where('name', '=', access.template)
      .executeTakeFirst();
    if (template === undefined) throw refuse('NotFound', `There is no template ${access.template}.`);
    if (template.archived_at !== null && template.id !== held) {
      throw refuse('TemplateArchived', `The template ${access.template} is archived.`);
    }
    template_id = template.id;
  }
  const { projectScope } = access;
  const project_scope =
    projectScope === null
      ? null
      : JSON.stringify(projectScope === 'All' ? 'All' : await projectIds(act, projectScope));
  return { role: access.role, template_id, project_scope };
}

async function storeGrants(act: Act, memberId: string, access: MemberAccess): Promise<void> {
  if (access.grants.length === 0) return;
  const ids = await projectIds(
    act,
    access.grants.map(({ project }) => project),
  );
  const rows = access.grants.map(({ access: level }, index) => ({
    member_id: memberId,
    project_id: ids[index] as string,
    access: level,
  }));
  await act.db.insertInto('grants').values(rows).execute();
}
