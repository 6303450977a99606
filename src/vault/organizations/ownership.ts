/**
 * O3: exactly one owner. The present one offers, an active member accepts; the former owner becomes an admin, and
 * what was delegated in the owner's name ends with it.
 *
 * Decides O3: offer and acceptance, and what ends with them.
 */
import type { Kysely } from 'kysely';
import { endText } from '#model/ends.ts';
import { OFFER_LIFE } from '#model/invites.ts';
import { normalizeEmail } from '#model/organization.ts';
import type { MemberActor } from '../act/actor.ts';
import type { Act } from '../act/context.ts';
import { revokeAllAutomations } from '../automation/automations.ts';
import { type DomainError, refuse } from '../common/domain-error.ts';
import { mailAddressOf } from '../mail/member-address.ts';
import { enqueueMail } from '../mail/outbox.ts';
import { memberNamed } from '../members/members.ts';
import { isActive } from '../store/active-members.ts';
import type { Database, MemberTable, OwnershipOfferTable } from '../store/schema.ts';
import { ownerOf } from './owner.ts';

export interface OwnershipOffer {
  /** E-mail of the member who may accept. */
  readonly to: string;
  readonly offeredAt: number;
  readonly expiresAt: number;
}

export interface Transfer {
  readonly owner: string;
  /** E-mail; an admin now. */
  readonly formerOwner: string;
  /** Names of the automation identities that ended. */
  readonly endedAutomations: readonly string[];
  readonly next: string;
}

/** The open offer, for the owner and the one it is made to; null where there is none for the caller. */
export async function openOffer(
  db: Kysely<Database>,
  vaultId: string,
  caller: Pick<MemberActor, 'memberId'>,
  now: number,
): Promise<OwnershipOffer | null> {
  const row = await db
    .selectFrom('ownership_offers')
    .innerJoin('members', 'members.id', 'ownership_offers.member_id')
    .select(['member_id', 'offered_by', 'offered_at', 'expires_at', 'members.email'])
    .where('ownership_offers.vault_id', '=', vaultId)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  if (row === undefined || ![row.member_id, row.offered_by].includes(caller.memberId)) return null;
  return { to: row.email, offeredAt: row.offered_at, expiresAt: row.expires_at };
}

/**
 * Offers ownership to an active member, whose e-mail the owner typed; replaces an offer that is open. The caller has
 * proven the owner anew. Throws DomainError `NotFound`, `Invalid`.
 */
export async function offerOwnership(act: Act, typed: string): Promise<OwnershipOffer> {
  const email = normalizeEmail(typed);
  const { row } = await memberNamed(act, email);
  if (row.role === 'Owner') throw refuse('Invalid', `${email} is the owner.`);
  if (!isActive(row, act.now)) {
    throw refuse('Invalid', `${email} is not active.`, 'Ownership goes to an active member.');
  }
  checkLasting(row);
  const owner = await ownerOf(act);
  // An offer is open as long as an invite.
  const offer = { to: email, offeredAt: act.now, expiresAt: act.now + OFFER_LIFE };
  const columns = {
    member_id: row.id,
    offered_by: owner.id,
    offered_at: offer.offeredAt,
    expires_at: offer.expiresAt,
  };
  await act.db
    .insertInto('ownership_offers')
    .values({ vault_id: act.vault.id, ...columns })
    .onConflict((conflict) => conflict.column('vault_id').doUpdateSet(columns))
    .execute();
  await act.audit({ action: 'ownership.offered', subject: { kind: 'Member', key: email } });
  const { display_name: name, id } = act.vault;
  await enqueueMail(act.db, {
    at: act.now,
    to: await mailAddressOf(act.db, row),
    subject: `${owner.email} offers you the ownership of ${name}`,
    text:
      `${owner.email} offers you the ownership of ${name} (${id}). Accept or decline it in the vault until ` +
      `${new Date(offer.expiresAt).toISOString()}. Once you own it, the automation identities that act for the ` +
      'present owner end, and you make new ones.\n',
    kind: 'ownership-offered',
    vaultId: id,
  });
  return offer;
}

/** The owner takes the offer back, or the member declines it. Throws DomainError `NotFound`. */
export async function endOffer(act: Act, how: 'withdrawn' | 'declined'): Promise<void> {
  const offer = await offerRow(act);
  const isTheirs = act.actor.type === 'member' && offer?.member_id === act.actor.memberId;
  if (offer === undefined || (how === 'declined' && !isTheirs)) throw noOffer();
  await act.db.deleteFrom('ownership_offers').where('vault_id', '=', act.vault.id).execute();
  const { email } = await act.db
    .selectFrom('members')
    .select('email')
    .where('id', '=', offer.member_id)
    .executeTakeFirstOrThrow();
  const action = how === 'declined' ? 'ownership.offer-declined' : 'ownership.offer-withdrawn';
  await act.audit({ action, subject: { kind: 'Member', key: email } });
}

/**
 * The member that the offer is made to becomes the owner. Automation identities and unused approvals of the former
 * owner end. The caller has proven the member anew. Throws DomainError `NotFound` where there is no open offer for them.
 */
export async function acceptOwnership(act: Act, member: MemberActor): Promise<Transfer> {
  const { db, vault, now } = act;
  const offer = await offerRow(act);
  const former = await ownerOf(act);
  const isOpen =
    offer?.member_id === member.memberId && offer.offered_by === former.id && offer.expires_at > now;
  if (!isOpen) throw noOffer();
  const { row } = await memberNamed(act, member.email);
  checkLasting(row);
  // In this order: an index allows one owner at most.
  await db.updateTable('members').set({ role: 'Admin' }).where('id', '=', former.id).execute();
  await db.updateTable('members').set({ role: 'Owner' }).where('id', '=', member.memberId).execute();
  await db.deleteFrom('ownership_offers').where('vault_id', '=', vault.id).execute();
  const endedAutomations = await revokeAllAutomations(act);
  await db
    .deleteFrom('approvals')
    .where('vault_id', '=', vault.id)
    .where('via', '=', 'Vault')
    .where('used_at', 'is', null)
    .execute();
  await act.audit({
    action: 'ownership.transferred',
    subject: { kind: 'Organization', key: vault.id },
    details: { from: former.email, to: member.email, endedAutomations },
  });
  const next =
    endedAutomations.length === 0
      ? 'Make automation identities where you want any.'
      : `These automation identities ended with the transfer: ${endedAutomations.join(', ')}. Operators and pipelines stand still until you make new ones: POST /api/v1/vaults/{vaultId}/automations.`;
  const mine = await mailAddressOf(db, { email: member.email, account_id: member.accountId });
  const theirs = await mailAddressOf(db, former);
  for (const [to, what] of [
    [mine, `You own ${vault.display_name} (${vault.id}) now; ${former.email} is an admin. ${next}`],
    [
      theirs,
      `${member.email} owns ${vault.display_name} (${vault.id}) now; you are an admin. The automation identities that acted for you ended${endedAutomations.length === 0 ? '.' : `: ${endedAutomations.join(', ')}.`}`,
    ],
  ] as const) {
    await enqueueMail(db, {
      at: now,
      to,
      subject: `${vault.display_name} has a new owner`,
      text: `${what}\n`,
      kind: 'ownership-transferred',
      vaultId: vault.id,
    });
  }
  return { owner: member.email, formerOwner: former.email, endedAutomations, next };
}

/** M5: there is always an owner, so nobody becomes it whose membership ends. Throws `Invalid`. */
function checkLasting({ email, ends_at }: Pick<MemberTable, 'email' | 'ends_at'>): void {
  if (ends_at === null) return;
  throw refuse(
    'Invalid',
    `The membership of ${email} ends at ${endText(ends_at)}.`,
    'Take the end away first: `expiresAt` of the Member in Git, or in the vault.',
  );
}

function offerRow({ db, vault }: Act): Promise<OwnershipOfferTable | undefined> {
  return db.selectFrom('ownership_offers').selectAll().where('vault_id', '=', vault.id).executeTakeFirst();
}

function noOffer(): DomainError {
  return refuse('NotFound', 'There is no open offer of ownership for you.', 'Ask the owner for a new one.');
}
