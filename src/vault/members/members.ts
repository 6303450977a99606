/**
 * Members and invites in the tables. Checks rules; the caller writes the audit entry (A2).
 *
 * Decides O3: that nobody cuts the owner off.
 * Decides I2: when an invite ends, and how many mails go to one address in a day.
 * Decides I3: that a membership joins an account which is there.
 * Decides I5: the refusal where no seat is left.
 * Decides P3: the quota of members.
 * Decides M1: that sessions end with the state.
 * Decides M2: what ends with a membership.
 * Decides rail 3: that automation and people keep the required admins.
 * Decides rail 8: that there is one open invite a person.
 */

import { sql } from 'kysely';
import { hasEnded } from '#model/ends.ts';
import { inviteEnd } from '#model/invites.ts';
import { EMAIL_RULE, isEmail } from '#model/names.ts';
import type { MemberAccess, MemberState, Role } from '#model/organization.ts';
import { belowFloor } from '#model/people-floor.ts';
import type { StepAction } from '#model/step.ts';
import type { Act } from '../act/context.ts';
import { findMember, type MemberWithAccess } from '../authorization/member-access.ts';
import { DomainError, refuse } from '../common/domain-error.ts';
import { revokeTokensOf } from '../machines/enrollment-tokens.ts';
import { inviteLetter } from '../mail/invite-letters.ts';
import { countMails, enqueueMail, withdrawMails } from '../mail/outbox.ts';
import {
  appliedInvites,
  appliedSettings,
  asksConfirmation,
  isRequiredAdmin,
} from '../managed/applied-settings.ts';
import { isActiveAt } from '../store/active-members.ts';
import type { MemberTable } from '../store/schema.ts';
import { requireOrganization } from '../tiers/personal.ts';
import { accessColumns, storeGrants } from './stored-access.ts';

/** Invites mailed to one address by one vault in a day, however often they are taken back and sent anew. */
const MAILS_A_DAY = 6;
const DAY = 24 * 60 * 60 * 1000;

/** The same; throws `NotFound`. */
export async function memberNamed(act: Act, email: string): Promise<MemberWithAccess> {
  const member = await findMember(act.db, act.vault.id, email);
  if (member === undefined) throw refuse('NotFound', `${email} is not a member.`);
  return member;
}

/** I1, I5: a new member whose invite is open. Throws `SeatsExhausted`, `AlreadyInvited`, `StaleBefore`, `Invalid`. */
export async function inviteMember(act: Act, email: string, access: MemberAccess): Promise<void> {
  requireOrganization(act.vault);
  const existing = await findMember(act.db, act.vault.id, email);
  if (existing?.row.state === 'Invited') throw refuse('AlreadyInvited', `${email} is invited already.`);
  if (existing !== undefined) throw refuse('StaleBefore', `${email} is a member already.`);
  await checkSeats(act, 1);
  await addInvitee(act, email, access, { invitedBy: null, withheld: null });
}

/** Who sent an invite (null: automation), and why its mail does not go out (null: it does). */
interface Sent {
  readonly invitedBy: string | null;
  readonly withheld: string | null;
}

/**
 * A member whose invite is open, or nothing where there is a member of that address; in either case by the same
 * statements (I1). Throws `Invalid`.
 */
export async function addInvitee(act: Act, email: string, access: MemberAccess, sent: Sent): Promise<void> {
  if (!isEmail(email)) throw refuse('Invalid', `The address of a member ${EMAIL_RULE}.`);
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
      awaits: null,
      state_after: null,
      created_at: act.now,
      joined_at: null,
      ...(await accessColumns(act, access, null)),
    })
    .onConflict((conflict) => conflict.columns(['vault_id', 'email']).doNothing())
    .execute();
  await storeGrants(act, id, access);
  await sendInvite(act, { id, email }, 1, sent);
}

/** I2: the invite of a member is open (again) from now on, under a new id, and mailed. Nothing for no member. */
export async function sendInvite(
  act: Act,
  { id: memberId, email }: Pick<MemberTable, 'id' | 'email'>,
  attempts: number,
  { invitedBy, withheld }: Sent = { invitedBy: null, withheld: null },
): Promise<void> {
  const { db, vault, now } = act;
  const expiresAt = inviteEnd(appliedInvites(vault), now);
  const sent = { id: act.ids.make('inv'), sent_at: now, expires_at: expiresAt, attempts };
  await db
    .insertInto('invites')
    .columns(['vault_id', 'member_id', 'id', 'sent_at', 'expires_at', 'attempts', 'invited_by'])
    .expression(
      db
        .selectFrom('members')
        .select([
          'members.vault_id',
          'members.id as member_id',
          sql<string>`${sent.id}`.as('id'),
          sql<number>`cast(${sent.sent_at} as bigint)`.as('sent_at'),
          sql<number>`cast(${sent.expires_at} as bigint)`.as('expires_at'),
          sql<number>`cast(${attempts} as integer)`.as('attempts'),
          sql<string | null>`${invitedBy}`.as('invited_by'),
        ])
        .where('members.id', '=', memberId),
    )
    .onConflict((conflict) => conflict.column('member_id').doUpdateSet(sent))
    .execute();
  if (attempts > 1) await withdrawMails(db, { vaultId: vault.id, kind: 'invite', to: email });
  const mailed = await countMails(db, { vaultId: vault.id, kind: 'invite', to: email, since: now - DAY });
  await enqueueMail(db, {
    ...inviteLetter(vault.display_name, expiresAt),
    ...{ at: now, to: email, vaultId: vault.id, expiresAt },
    withheld: withheld ?? (mailed < MAILS_A_DAY ? null : 'TooManyMails'),
  });
}

/**
 * I3: the invitee joins with an account that exists; the member is Active, or waits for confirmation (I4). Throws
 * `MemberAlready` where the account is a member under an address that it had before.
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
    .set({
      account_id: account.id,
      user_name: account.userName,
      joined_at: act.now,
      ...(asksConfirmation(act.vault) ? AWAITS_CONFIRMATION : ({ state: 'Active' } as const)),
    })
    .where('id', '=', member.id)
    .execute();
  await act.db.deleteFrom('invites').where('member_id', '=', member.id).execute();
  // A code of when confirmation was asked for proves nothing later.
  if (!asksConfirmation(act.vault)) {
    await act.db.deleteFrom('confirmations').where('member_id', '=', member.id).execute();
  }
}

/** Replaces role, template, scope, grants and ends at once; an end that has come cuts the sessions in this vault (M5). */
export async function setAccess(act: Act, member: MemberTable, access: MemberAccess): Promise<void> {
  await act.db
    .updateTable('members')
    .set(await accessColumns(act, access, member.template_id))
    .where('id', '=', member.id)
    .execute();
  await act.db.deleteFrom('grants').where('member_id', '=', member.id).execute();
  await storeGrants(act, member.id, access);
  if (hasEnded(access.expiresAt, act.now)) await endSessions(act, member);
}

/** M1, I4: active once the owner has confirmed the member. */
const AWAITS_CONFIRMATION = { state: 'Suspended', awaits: 'Confirmation', state_after: 'Active' } as const;

/**
 * M1: changes the state; leaving Active cuts the sessions in this vault at once. A member who awaits something goes
 * on waiting, for another state; un-suspended under confirmation, a member waits for it.
 */
export async function setState(
  act: Act,
  member: MemberTable,
  state: Exclude<MemberState, 'Invited'>,
): Promise<void> {
  const changed =
    member.awaits !== null
      ? { state_after: state }
      : state === 'Active' && asksConfirmation(act.vault)
        ? AWAITS_CONFIRMATION
        : { state };
  await act.db.updateTable('members').set(changed).where('id', '=', member.id).execute();
  if (state !== 'Active') await endSessions(act, member);
}

/** What ended with a membership and nobody sees by it, as its entry in the audit log tells it. */
export interface Dropped {
  /** Ids of tokens by which machines could still come. */
  readonly tokens: string[];
}

/** M2: drops membership, invite, grants, sessions, and the tokens for machines that the person made. */
export async function dropMember(act: Act, member: MemberTable): Promise<Dropped> {
  await endSessions(act, member);
  if (member.state === 'Invited') {
    await withdrawMails(act.db, { vaultId: act.vault.id, kind: 'invite', to: member.email });
  }
  await act.db.deleteFrom('members').where('id', '=', member.id).execute();
  return { tokens: member.account_id === null ? [] : await revokeTokensOf(act, member.account_id) };
}

/** Rail 3, O3: throws `Floor` for the owner. */
export function checkNotOwner(email: string, role: Role): void {
  if (role === 'Owner') throw refuse('Floor', `${email} is the owner.`);
}

/** Rail 3: throws `Floor` for who must stay an admin. */
export function checkNotRequired({ vault }: Act, email: string): void {
  if (!isRequiredAdmin(vault, email)) return;
  throw refuse(
    'Floor',
    `${email} is a required admin.`,
    'Take them out of rails.requiredAdmins in Git first.',
  );
}

/** Rail 3: throws `Floor` for what takes from who stays, as a step says it. The owner is checked by role. */
export async function checkFloor(act: Act, action: StepAction): Promise<void> {
  const settings = appliedSettings(act.vault);
  if (settings === null) return;
  const { requiredAdmins, approvers } = settings;
  const floor = { requiredAdmins, approvers: await lastingAmong(act, approvers.members) };
  const reason = belowFloor(floor, action);
  if (reason === null) return;
  throw refuse(
    'Floor',
    `${reason}.`,
    'Keep them as they are, or change rails.requiredAdmins or rails.approvers.members in Git first.',
  );
}

/** Which of these are active members without an end (M5), and not the owner. */
async function lastingAmong(act: Act, emails: readonly string[]): Promise<string[]> {
  if (emails.length === 0) return [];
  const rows = await act.db
    .selectFrom('members')
    .select('email')
    .where('vault_id', '=', act.vault.id)
    .where('email', 'in', emails)
    .where(isActiveAt(act.now))
    .where('ends_at', 'is', null)
    .where('role', '!=', 'Owner')
    .execute();
  return rows.map(({ email }) => email);
}

export async function endSessions(act: Act, member: Pick<MemberTable, 'account_id'>): Promise<void> {
  if (member.account_id === null) return;
  await act.db
    .deleteFrom('sessions')
    .where('account_id', '=', member.account_id)
    .where('vault_id', '=', act.vault.id)
    .execute();
}

/** I5: throws `SeatsExhausted` where the plan has no room for so many more. */
export async function checkSeats(act: Act, more: number): Promise<void> {
  const cap = act.tier.caps.members;
  if (cap === null) return;
  const { used } = await act.db
    .selectFrom('members')
    .select(({ fn }) => fn.countAll<number>().as('used'))
    .where('vault_id', '=', act.vault.id)
    .executeTakeFirstOrThrow();
  if (used + more <= cap) return;
  const { name, billingUrl } = act.tier;
  throw refuse(
    'SeatsExhausted',
    `The plan ${name} has ${cap} seats and ${used} are taken${more === 1 ? '' : `; ${more} more are asked for`}.`,
    billingUrl === '' ? 'Free a seat, or move to a larger plan.' : `Free a seat, or upgrade: ${billingUrl}`,
  );
}
