/**
 * What people do with members in the vault itself (O4, M1 to M3); each cut leaves a tombstone (rail 7).
 *
 * Decides M1: suspending and un-suspending by people.
 * Decides M3: leaving.
 */
import { normalizeEmail } from '#model/organization.ts';
import type { AuditAction } from '../act/audit-actions.ts';
import type { Act } from '../act/context.ts';
import { decidedState } from '../authorization/decided-state.ts';
import type { MemberWithAccess } from '../authorization/member-access.ts';
import { refuse } from '../common/domain-error.ts';
import { clearTombstones, hasTombstone, recordTombstone } from '../managed/tombstones.ts';
import { checkNotOwner, checkNotRequired, dropMember, memberNamed, setState } from './members.ts';
import { rotationAfter } from './rotation.ts';

/**
 * M1. Whom Git suspended, a person may suspend too: it is kept that they did, and Git alone does not give it back
 * (rail 7). Throws DomainError `NotFound`, `Floor`, `Invalid`.
 */
export async function suspendByPerson(act: Act, email: string): Promise<void> {
  const { row } = await otherMember(act, email);
  // An account that fell into the wrong hands has to be stopped at once, and the owner can let them back in.
  if (act.actor.type !== 'member' || act.actor.role !== 'Owner') checkNotRequired(act, row.email);
  const revocation = { kind: 'Member', key: row.email, act: 'Suspended' } as const;
  const standing = decidedState(row);
  if (standing === 'Invited') throw refuse('Invalid', `${row.email} has not joined.`, 'Remove them instead.');
  if (standing === 'Suspended' && (await hasTombstone(act, revocation))) {
    throw refuse('Invalid', `${row.email} is suspended already.`);
  }
  if (standing === 'Active') await setState(act, row, 'Suspended');
  const entry = await act.audit({ action: 'member.suspended', subject: { kind: 'Member', key: row.email } });
  await recordTombstone(act, entry, { ...revocation, item: null });
}

/** M1: everything is as it was. What was cut before is given back by a person, so the tombstone goes. */
export async function unsuspendByPerson(act: Act, email: string): Promise<void> {
  const { row } = await otherMember(act, email);
  if (decidedState(row) !== 'Suspended') throw refuse('Invalid', `${row.email} is not suspended.`);
  await setState(act, row, 'Active');
  await act.audit({ action: 'member.unsuspended', subject: { kind: 'Member', key: row.email } });
  await clearTombstones(act, { kind: 'Member', key: row.email }, ['Suspended']);
}

/** M2: the entry tells what should be rotated. Throws DomainError `NotFound`, `Floor`. */
export async function removeByPerson(act: Act, email: string): Promise<void> {
  const member = await otherMember(act, email);
  checkNotRequired(act, member.row.email);
  await drop(act, member, 'member.removed', 'Removed');
}

/** M3: the act of the member themselves. Throws DomainError `Floor` for the owner. */
export async function leave(act: Act, email: string): Promise<void> {
  await drop(act, await otherMember(act, email), 'member.left', 'Left');
}

async function drop(
  act: Act,
  member: MemberWithAccess,
  action: AuditAction,
  what: 'Removed' | 'Left',
): Promise<void> {
  // An invitee has not had the access yet.
  const rotation =
    member.row.state === 'Invited' ? { rotate: [], rotateKeys: [] } : await rotationAfter(act, member);
  const { tokens } = await dropMember(act, member.row);
  const subject = { kind: 'Member', key: member.row.email } as const;
  const entry = await act.audit({ action, subject, details: { ...rotation, tokens } });
  await recordTombstone(act, entry, { ...subject, act: what, item: null });
}

/** A member that is not the owner, who can neither be cut off nor leave (O3). */
async function otherMember(act: Act, email: string): Promise<MemberWithAccess> {
  const member = await memberNamed(act, normalizeEmail(email));
  checkNotOwner(member.row.email, member.row.role);
  return member;
}
