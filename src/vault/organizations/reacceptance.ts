/**
 * O5 on the server: a key rotation, after which every member but the owner has no access until they accepted again,
 * and other keys for all projects. People hold no keys here, so the reacceptance is what counts: who does not come back
 * stays out.
 *
 * Decides O5: who has to accept again, and what that brings.
 * Decides M3: that refusing to accept again is leaving.
 */
import type { Kysely } from 'kysely';
import type { Awaited } from '#model/organization.ts';
import type { AccountActor } from '../act/actor.ts';
import type { Act, VaultContext } from '../act/context.ts';
import { decidedState } from '../authorization/decided-state.ts';
import { accessOf } from '../authorization/member-access.ts';
import { DomainError } from '../common/domain-error.ts';
import { mailAddresses } from '../mail/member-address.ts';
import { enqueueMail } from '../mail/outbox.ts';
import { asksConfirmation } from '../managed/applied-settings.ts';
import { recordTombstone } from '../managed/tombstones.ts';
import { dropMember, endSessions } from '../members/members.ts';
import { rotationAfter } from '../members/rotation.ts';
import type { Account } from '../sessions/accounts.ts';
import type { Database, MemberTable } from '../store/schema.ts';
import { markForRekeying } from './rekeying.ts';

export interface Reacceptance {
  /** Members that have to accept again, or to be confirmed. */
  readonly members: number;
  /** Projects that get another key. */
  readonly projects: number;
}

/**
 * Rotates the keys and asks for reacceptance. Who was suspended is suspended after it too; no tombstone is left, because
 * Git wants nothing back that would not come by itself. Under confirmation each is confirmed anew, and proofs of before
 * count no more.
 */
export async function askForReacceptance(act: Act): Promise<Reacceptance> {
  const { db, vault, now } = act;
  const awaits = asksConfirmation(vault) ? 'Confirmation' : 'Reacceptance';
  const members = await db
    .selectFrom('members')
    .selectAll()
    .where('vault_id', '=', vault.id)
    .where('role', '!=', 'Owner')
    .where('state', '!=', 'Invited')
    .execute();
  const addresses = await mailAddresses(db, vault.id);
  for (const member of members) {
    const after = decidedState(member) === 'Active' ? 'Active' : 'Suspended';
    await db
      .updateTable('members')
      // Who waits for confirmation already, goes on waiting for it.
      .set({
        state: 'Suspended',
        state_after: after,
        awaits: member.awaits === 'Confirmation' ? member.awaits : awaits,
      })
      .where('id', '=', member.id)
      .execute();
    await db.deleteFrom('confirmations').where('member_id', '=', member.id).execute();
    await endSessions(act, member);
    await enqueueMail(db, {
      at: now,
      to: addresses.get(member.account_id ?? '') ?? member.email,
      subject: `${vault.display_name}: please accept again`,
      text:
        awaits === 'Confirmation'
          ? `The keys of ${vault.display_name} (${vault.id}) were rotated. Your access waits until the owner has confirmed you anew: ask them for the code, by another way than mail.\n`
          : `The keys of ${vault.display_name} (${vault.id}) were rotated. Your access waits until you have accepted your membership again in the vault.\n`,
      kind: 'reacceptance',
      vaultId: vault.id,
    });
  }
  const projects = await markForRekeying(act);
  await act.audit({
    action: 'organization.keys-rotated',
    subject: { kind: 'Organization', key: vault.id },
    details: { members: members.map(({ email }) => email), projects, awaits },
  });
  return { members: members.length, projects };
}

export interface MyReacceptance {
  readonly vaultId: string;
  readonly organization: string;
}

/** The memberships of an account that wait for its answer. */
export async function myReacceptances(db: Kysely<Database>, account: Account): Promise<MyReacceptance[]> {
  const rows = await db
    .selectFrom('members')
    .innerJoin('vaults', 'vaults.id', 'members.vault_id')
    .select(['vaults.id', 'vaults.display_name'])
    .where('account_id', '=', account.id)
    .where('awaits', '=', 'Reacceptance')
    .orderBy('vaults.id')
    .execute();
  return rows.map(({ id, display_name }) => ({ vaultId: id, organization: display_name }));
}

/** The member is what they were before the rotation. Throws DomainError `NotFound`. */
export async function reaccept(context: VaultContext, account: Account, vaultId: string): Promise<void> {
  await answered(context, account, { vaultId, awaits: ['Reacceptance'] }, async (act, member) => {
    await act.db
      .updateTable('members')
      .set({ state: decidedState(member), awaits: null, state_after: null })
      .where('id', '=', member.id)
      .execute();
    await act.audit({ action: 'member.reaccepted', subject: { kind: 'Member', key: member.email } });
  });
}

/** The member leaves instead, whatever they wait for (M3). Throws DomainError `NotFound`. */
export async function leaveWaiting(context: VaultContext, account: Account, vaultId: string): Promise<void> {
  await answered(
    context,
    account,
    { vaultId, awaits: ['Reacceptance', 'Confirmation'] },
    async (act, member) => {
      const rotation = await rotationAfter(act, { row: member, access: await accessOf(act.db, member) });
      const { tokens } = await dropMember(act, member);
      const subject = { kind: 'Member', key: member.email } as const;
      const entry = await act.audit({ action: 'member.left', subject, details: { ...rotation, tokens } });
      await recordTombstone(act, entry, { ...subject, act: 'Left', item: null });
    },
  );
}

async function answered(
  context: VaultContext,
  account: Account,
  { vaultId, awaits }: { readonly vaultId: string; readonly awaits: readonly Awaited[] },
  work: (act: Act, member: MemberTable) => Promise<void>,
): Promise<void> {
  const find = (db: Kysely<Database>) =>
    db
      .selectFrom('members')
      .selectAll()
      .where('vault_id', '=', vaultId)
      .where('account_id', '=', account.id)
      .where('awaits', 'in', awaits)
      .executeTakeFirst();
  // Looked for before, so that strangers wait for no lock and learn of no vault.
  if ((await find(context.reader)) === undefined) throw nothingAwaited();
  const actor: AccountActor = {
    type: 'account',
    accountId: account.id,
    userName: account.userName,
    email: account.email,
  };
  await context.act(vaultId, actor, async (act) => {
    const member = await find(act.db);
    if (member === undefined) throw nothingAwaited();
    await work(act, member);
  });
}

function nothingAwaited(): DomainError {
  return new DomainError({
    code: 'NotFound',
    status: 404,
    detail: 'No membership of yours there waits for being accepted again.',
    next: 'See GET /api/v1/me/reacceptances.',
  });
}
