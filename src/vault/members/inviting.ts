/**
 * Invites as those see them who send them (I1, I2, I5).
 *
 * Decides I1: that one or many are invited, answered alike.
 * Decides I2: sending again and taking back by people.
 */
import type { Kysely } from 'kysely';
import { isExhausted } from '#model/invites.ts';
import { ACCESS_FIELDS, accessJson } from '#model/member-access.ts';
import { type MemberAccess, normalizeEmail } from '#model/organization.ts';
import type { Act } from '../act/context.ts';
import type { Operation } from '../authorization/authorization.ts';
import { refuse } from '../common/domain-error.ts';
import { listByText, type PageQuery } from '../http/page.ts';
import { appliedInvites } from '../managed/applied-settings.ts';
import { recordTombstone } from '../managed/tombstones.ts';
import type { Caller } from '../people-api/caller.ts';
import type { VaultCall } from '../people-api/vault-call.ts';
import type { Database, InviteTable, MemberTable } from '../store/schema.ts';
import { addInvitee, checkFloor, checkSeats, dropMember, sendInvite } from './members.ts';

/** Who invites, and may be asked what else they may give. */
type Inviter = Pick<VaultCall, 'caller' | 'requireAlso'>;

/**
 * I1: all or none are invited with this access. Whether an address has an account is not looked at; one that is a
 * member or invited already stays as it is, at the cost of the same statements. Whoever was cut off before has what this
 * invite gives; the tombstone stays, so that no manager gives more than that (rail 7). Throws DomainError `SeatsExhausted` (I5: each address counts), `Forbidden`, `NotFound`, `Invalid`.
 */
export async function inviteByPerson(
  act: Act,
  inviter: Inviter,
  addresses: readonly string[],
  access: MemberAccess,
): Promise<void> {
  await authorizePreset(act, inviter, access);
  const emails = [...new Set(addresses.map(normalizeEmail))];
  await checkSeats(act, emails.length);
  for (const email of emails) {
    await checkFloor(act, { kind: 'InviteMember', key: email, before: null, after: access });
    const state = await stateOf(act, email);
    const because = state === null ? null : state === 'Invited' ? 'AlreadyInvited' : 'AlreadyMember';
    await addInvitee(act, email, access, { invitedBy: inviter.caller.actor.accountId, withheld: because });
    await act.audit({
      action: because === null ? 'member.invited' : 'invite.repeated',
      subject: { kind: 'Member', key: email },
      details: { access: accessJson(access), because },
    });
  }
}

/** I2: once more, under a new end. Throws DomainError `NotFound`, `AttemptsExhausted`. */
export async function resendByPerson(act: Act, caller: Caller, address: string): Promise<void> {
  const { member, invite } = await visibleInvite(act, caller, address);
  if (isExhausted(appliedInvites(act.vault), invite)) {
    throw refuse(
      'AttemptsExhausted',
      `The invite of ${member.email} was sent ${invite.attempts} times.`,
      'Cancel it, and invite again if the address is right.',
    );
  }
  const attempts = invite.attempts + 1;
  await sendInvite(act, member, attempts);
  await act.audit({
    action: 'invite.sent',
    subject: { kind: 'Member', key: member.email },
    details: { attempts },
  });
}

/** No manager sends it again unless Git names the entry (rail 7). Throws DomainError `NotFound`. */
export async function cancelByPerson(act: Act, caller: Caller, address: string): Promise<void> {
  const { member } = await visibleInvite(act, caller, address);
  await dropMember(act, member);
  const subject = { kind: 'Member', key: member.email } as const;
  const entry = await act.audit({ action: 'invite.cancelled', subject });
  await recordTombstone(act, entry, { ...subject, act: 'Removed', item: null });
}

export interface PendingInvite {
  readonly email: string;
  readonly state: 'Open' | 'Expired';
  readonly role: MemberTable['role'];
  readonly template: string | null;
  /** How often it was sent. */
  readonly attempts: number;
  readonly sentAt: number;
  readonly expiresAt: number;
  /** User name; null: automation sent it. */
  readonly invitedBy: string | null;
}

const INVITES = listByText('invites');

/** A page, sorted by e-mail; `of`: only those that this account sent. Throws DomainError `BadCursor`. */
export async function pendingInvites(
  db: Kysely<Database>,
  vaultId: string,
  { now, of }: { readonly now: number; readonly of: string | null },
  query: PageQuery,
): Promise<{ invites: PendingInvite[]; next: string | null }> {
  const { after, limit } = INVITES.page(query);
  const found = await db
    .selectFrom('invites')
    .innerJoin('members', 'members.id', 'invites.member_id')
    .leftJoin('templates', 'templates.id', 'members.template_id')
    .leftJoin('accounts', 'accounts.id', 'invites.invited_by')
    .select([
      'members.email',
      'members.role',
      'templates.name as template',
      'invites.attempts',
      'invites.sent_at',
      'invites.expires_at',
      'accounts.user_name',
    ])
    .where('invites.vault_id', '=', vaultId)
    .where('members.state', '=', 'Invited')
    .$if(of !== null, (rows) => rows.where('invites.invited_by', '=', of))
    .$if(after !== null, (rows) => rows.where('members.email', '>', after?.[0] ?? ''))
    .orderBy('members.email')
    .limit(limit + 1)
    .execute();
  const { rows, next } = INVITES.paged(found, limit, ({ email }) => [email]);
  const invites = rows.map(({ email, role, template, attempts, sent_at, expires_at, user_name }) => ({
    ...{ email, role, template, attempts },
    state: expires_at > now ? ('Open' as const) : ('Expired' as const),
    sentAt: sent_at,
    expiresAt: expires_at,
    invitedBy: user_name,
  }));
  return { invites, next };
}

export interface DeclinedInvite {
  readonly email: string;
  /** In milliseconds. */
  readonly declinedAt: number;
}

const DECLINED = listByText('declined-invites');
const DECLINED_FOR = 30 * 24 * 60 * 60 * 1000;

/**
 * A page of those who declined in the last 30 days and were not invited again since, sorted by e-mail. Throws DomainError
 * `BadCursor`.
 */
export async function declinedInvites(
  db: Kysely<Database>,
  vaultId: string,
  query: PageQuery,
  now: number,
): Promise<{ invites: DeclinedInvite[]; next: string | null }> {
  const { after, limit } = DECLINED.page(query);
  const found = await db
    .selectFrom('tombstones')
    .select(({ fn }) => ['key as email', fn.max('at').as('declinedAt')])
    .where('tombstones.vault_id', '=', vaultId)
    .where('kind', '=', 'Member')
    .where('act', '=', 'Declined')
    .where('at', '>', now - DECLINED_FOR)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('members')
            .select('members.id')
            .where('members.vault_id', '=', vaultId)
            .whereRef('members.email', '=', 'tombstones.key'),
        ),
      ),
    )
    // Who was removed or left since was invited again, whether or not they are there.
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('tombstones as later')
            .select('later.entry')
            .where('later.vault_id', '=', vaultId)
            .where('later.kind', '=', 'Member')
            .where('later.act', 'in', ['Removed', 'Left'])
            .whereRef('later.key', '=', 'tombstones.key')
            .whereRef('later.at', '>=', 'tombstones.at'),
        ),
      ),
    )
    .$if(after !== null, (rows) => rows.where('key', '>', after?.[0] ?? ''))
    // Each declines as often as they are invited: a person is one row, by the last time.
    .groupBy('key')
    .orderBy('key')
    .limit(limit + 1)
    .execute();
  const { rows, next } = DECLINED.paged(found, limit, ({ email }) => [email]);
  return { invites: rows, next };
}

/** Who invites gives with it only what they may give to a member. Throws DomainError `Forbidden`. */
async function authorizePreset(act: Act, { requireAlso }: Inviter, access: MemberAccess): Promise<void> {
  const requirements = ACCESS_FIELDS.flatMap((field) => GIVING[field](access));
  for (const { operation, project } of requirements) await requireAlso(act.db, operation, project);
}

/** What giving each field of an access by an invite requires. */
const GIVING: { readonly [Field in keyof MemberAccess]-?: (access: MemberAccess) => readonly Requirement[] } =
  {
    // An end gives less than none.
    expiresAt: () => [],
    templateExpiresAt: () => [],
    role: ({ role }) => (role === 'Member' ? [] : [{ operation: 'appointAdmin' }]),
    template: ({ template }) => (template === null ? [] : [{ operation: 'assignTemplate' }]),
    projectScope: ({ projectScope }) => (projectScope === null ? [] : [{ operation: 'changeScope' }]),
    grants: ({ grants }) => grants.map(({ project }) => ({ operation: 'setGrant', project })),
  };

interface Requirement {
  readonly operation: Operation;
  readonly project?: string;
}

/**
 * The invite, where this person sent it or may see members: nobody learns by it who is invited (I1). Throws
 * DomainError `NotFound`, the same for all others.
 */
async function visibleInvite(
  act: Act,
  { actor, access }: Caller,
  address: string,
): Promise<{ readonly member: MemberTable; readonly invite: InviteTable }> {
  const email = normalizeEmail(address);
  const member = await act.db
    .selectFrom('members')
    .selectAll()
    .where('vault_id', '=', act.vault.id)
    .where('email', '=', email)
    .where('state', '=', 'Invited')
    .executeTakeFirst();
  const invite =
    member === undefined
      ? undefined
      : await act.db.selectFrom('invites').selectAll().where('member_id', '=', member.id).executeTakeFirst();
  const isTheirs = access.vault.has('Organization: View members') || invite?.invited_by === actor.accountId;
  if (member === undefined || invite === undefined || !isTheirs) {
    throw refuse('NotFound', `You have no open invite of ${email}.`);
  }
  return { member, invite };
}

async function stateOf(act: Act, email: string): Promise<MemberTable['state'] | null> {
  const row = await act.db
    .selectFrom('members')
    .select('state')
    .where('vault_id', '=', act.vault.id)
    .where('email', '=', email)
    .executeTakeFirst();
  return row?.state ?? null;
}
