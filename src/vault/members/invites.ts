/**
 * An invite as the invitee sees it: accept joins the account that is there, decline is remembered (I3, rail 7).
 *
 * Decides I1: that an invite attaches by a verified address.
 * Decides I3: accepting and declining.
 */
import type { Kysely } from 'kysely';
import { hasEnded } from '#model/ends.ts';
import type { Act, VaultContext } from '../act/context.ts';
import { DomainError } from '../common/domain-error.ts';
import { acceptanceLetter } from '../mail/invite-letters.ts';
import { mailAddressOf } from '../mail/member-address.ts';
import { enqueueMail } from '../mail/outbox.ts';
import { recordTombstone } from '../managed/tombstones.ts';
import type { Account } from '../sessions/accounts.ts';
import type { Database, InviteTable, MemberTable } from '../store/schema.ts';
import { requireTier } from '../tiers/lapse.ts';
import { dropMember, joinMember } from './members.ts';

export interface MyInvite {
  readonly id: string;
  readonly vaultId: string;
  readonly organization: string;
  readonly role: MemberTable['role'];
  readonly sentAt: number;
  readonly expiresAt: number;
}

/** I1: an invite attaches by its address, once that is verified; without that there are none, nor past its end (M5). */
export async function myInvites(db: Kysely<Database>, account: Account, now: number): Promise<MyInvite[]> {
  if (!account.emailVerified) return [];
  const rows = await db
    .selectFrom('invites')
    .innerJoin('members', 'members.id', 'invites.member_id')
    .innerJoin('vaults', 'vaults.id', 'invites.vault_id')
    .select([
      'invites.id',
      'invites.vault_id',
      'invites.sent_at',
      'invites.expires_at',
      'members.role',
      'vaults.display_name',
    ])
    .where('members.email', '=', account.email)
    .where('members.state', '=', 'Invited')
    .where('invites.expires_at', '>', now)
    .where(({ or, eb }) => or([eb('members.ends_at', 'is', null), eb('members.ends_at', '>', now)]))
    .orderBy('invites.sent_at')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    vaultId: row.vault_id,
    organization: row.display_name,
    role: row.role,
    sentAt: row.sent_at,
    expiresAt: row.expires_at,
  }));
}

/**
 * The account joins; under confirmation it has access once the owner confirmed it (I4). Throws DomainError `NotFound`
 * where the invite is not there, not theirs or over, and `PlanLapsed`.
 */
export async function acceptInvite(
  context: VaultContext,
  account: Account,
  inviteId: string,
): Promise<{ readonly vaultId: string }> {
  return answered(context, account, inviteId, async (act, member) => {
    requireTier(act);
    await joinMember(act, member, account);
    await act.audit({
      action: 'invite.accepted',
      subject: { kind: 'Member', key: member.email },
    });
    await tellOwner(act, member.email);
  });
}

/** The invitee stays out, and the answer is kept: nobody is invited again until Git names the entry (rail 7). */
export async function declineInvite(
  context: VaultContext,
  account: Account,
  inviteId: string,
): Promise<{ readonly vaultId: string }> {
  return answered(context, account, inviteId, async (act, member) => {
    await dropMember(act, member);
    const entry = await act.audit({
      action: 'invite.declined',
      subject: { kind: 'Member', key: member.email },
    });
    await recordTombstone(act, entry, { kind: 'Member', key: member.email, act: 'Declined', item: null });
  });
}

/** I2. */
async function tellOwner(act: Act, joined: string): Promise<void> {
  const { id: vaultId, display_name: organization } = act.vault;
  const owner = await act.db
    .selectFrom('members')
    .select(['email', 'account_id'])
    .where('vault_id', '=', vaultId)
    .where('role', '=', 'Owner')
    .executeTakeFirst();
  if (owner === undefined) return;
  await enqueueMail(act.db, {
    ...acceptanceLetter(organization, joined),
    at: act.now,
    to: await mailAddressOf(act.db, owner),
    vaultId,
  });
}

async function answered(
  context: VaultContext,
  account: Account,
  inviteId: string,
  work: (act: Act, member: MemberTable) => Promise<void>,
): Promise<{ readonly vaultId: string }> {
  const invite = await inviteRow(context.reader, inviteId);
  if (invite === undefined) throw noSuchInvite();
  const vaultId = invite.vault_id;
  const actor = {
    type: 'account',
    accountId: account.id,
    userName: account.userName,
    email: account.email,
  } as const;
  await context.act(vaultId, actor, async (act) => {
    // Read again under the lock: it may have been cancelled or answered meanwhile.
    const open = await inviteRow(act.db, inviteId);
    const member =
      open === undefined
        ? undefined
        : await act.db.selectFrom('members').selectAll().where('id', '=', open.member_id).executeTakeFirst();
    const isTheirs =
      open !== undefined &&
      open.expires_at > act.now &&
      !hasEnded(member?.ends_at ?? undefined, act.now) &&
      member?.state === 'Invited' &&
      account.emailVerified &&
      member.email === account.email;
    if (!isTheirs) throw noSuchInvite();
    await work(act, member);
  });
  return { vaultId };
}

function inviteRow(db: Kysely<Database>, id: string): Promise<InviteTable | undefined> {
  return db.selectFrom('invites').selectAll().where('id', '=', id).executeTakeFirst();
}

/** One answer for an invite that is not there, is somebody else's, or is over. */
function noSuchInvite(): DomainError {
  return new DomainError({
    code: 'NotFound',
    status: 404,
    detail: 'There is no open invite of that id for your address.',
    next: 'Ask for a new one if it ran out.',
  });
}
