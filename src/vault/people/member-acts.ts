/** What people do with members in the vault itself (O4, M1 to M3); each cut leaves a tombstone (rail 7). */
import type { Kysely } from 'kysely';
import { normalizeEmail } from '../../model/organization.ts';
import type { Act } from '../domain/context.ts';
import { refuse } from '../domain/domain-error.ts';
import { checkNotOwner, dropMember, inviteMember, memberNamed, setState } from '../domain/members.ts';
import { standingOf } from '../domain/standing.ts';
import { bury, forgetCuts } from '../domain/tombstones.ts';
import type { Database, MemberTable } from '../store/schema.ts';

export interface ListedMember {
  readonly email: string;
  readonly userName: string | null;
  readonly role: MemberTable['role'];
  /** Suspended while the member awaits something. */
  readonly state: MemberTable['state'];
  /** O5, I4; null: nothing. */
  readonly awaits: MemberTable['awaits'];
  /** I4: the code that the owner has to confirm; null: none was made. */
  readonly confirmation: { readonly id: string; readonly proven: boolean } | null;
}

export async function listMembers(db: Kysely<Database>, vaultId: string): Promise<ListedMember[]> {
  const rows = await db
    .selectFrom('members')
    .leftJoin('confirmations', 'confirmations.member_id', 'members.id')
    .select(['email', 'user_name', 'role', 'state', 'awaits', 'confirmations.id as code', 'proven_at'])
    .where('members.vault_id', '=', vaultId)
    .orderBy('email')
    .execute();
  return rows.map(({ user_name, code, proven_at, ...row }) => ({
    ...row,
    userName: user_name,
    confirmation: code === null ? null : { id: code, proven: proven_at !== null },
  }));
}

/**
 * I1: plain members, all or none; more than the baseline is given by whoever may. What was cut before is
 * forgotten with a person's invite. Throws DomainError `SeatsExhausted`, `AlreadyInvited`, `Invalid`.
 */
export async function inviteByPerson(act: Act, emails: readonly string[]): Promise<void> {
  for (const address of emails) {
    const email = normalizeEmail(address);
    await inviteMember(act, email, { role: 'Member', template: null, projectScope: null, grants: [] });
    await act.audit({ action: 'member.invited', subject: { kind: 'Member', key: email } });
    await forgetCuts(act, { kind: 'Member', key: email }, ['Removed', 'Left', 'Declined', 'Suspended']);
  }
}

/** M1. Throws DomainError `NotFound`, `Floor`, `Invalid`. */
export async function suspendByPerson(act: Act, email: string): Promise<void> {
  const row = await otherMember(act, email);
  if (standingOf(row) !== 'Active') throw refuse('Invalid', `${row.email} is not active.`);
  await setState(act, row, 'Suspended');
  const entry = await act.audit({ action: 'member.suspended', subject: { kind: 'Member', key: row.email } });
  await bury(act, entry, { kind: 'Member', key: row.email, act: 'Suspended', item: null });
}

/** M1: everything is as it was. What was cut before is given back by a person, so the tombstone goes. */
export async function unsuspendByPerson(act: Act, email: string): Promise<void> {
  const row = await otherMember(act, email);
  if (standingOf(row) !== 'Suspended') throw refuse('Invalid', `${row.email} is not suspended.`);
  await setState(act, row, 'Active');
  await act.audit({ action: 'member.unsuspended', subject: { kind: 'Member', key: row.email } });
  await forgetCuts(act, { kind: 'Member', key: row.email }, ['Suspended']);
}

/** M2. Throws DomainError `NotFound`, `Floor`. */
export async function removeByPerson(act: Act, email: string): Promise<void> {
  const row = await otherMember(act, email);
  await dropMember(act, row);
  const entry = await act.audit({ action: 'member.removed', subject: { kind: 'Member', key: row.email } });
  await bury(act, entry, { kind: 'Member', key: row.email, act: 'Removed', item: null });
}

/** M3: the act of the member themselves. Throws DomainError `Floor` for the owner. */
export async function leave(act: Act, email: string): Promise<void> {
  const row = await otherMember(act, email);
  await dropMember(act, row);
  const entry = await act.audit({ action: 'member.left', subject: { kind: 'Member', key: row.email } });
  await bury(act, entry, { kind: 'Member', key: row.email, act: 'Left', item: null });
}

/** A member that is not the owner, who can neither be cut off nor leave (O3). */
async function otherMember(act: Act, email: string): Promise<MemberTable> {
  const { row } = await memberNamed(act, normalizeEmail(email));
  checkNotOwner(row.email, row.role);
  return row;
}
