/**
 * I4: the owner's client makes a code and registers the public key that it gives; the invitee proves the code by a
 * signature over a challenge; the owner confirms. Until then the member has no access. The code never comes here.
 *
 * Decides I4: code, proof and confirmation.
 */
import type { Kysely } from 'kysely';
import { OFFER_LIFE } from '#model/invites.ts';
import { normalizeEmail } from '#model/organization.ts';
import { confirmationPayload } from '#protocol/confirmation.ts';
import { verifyPayload } from '#protocol/signing.ts';
import type { Act, VaultContext } from '../act/context.ts';
import { decidedState } from '../authorization/decided-state.ts';
import { DomainError, refuse } from '../common/domain-error.ts';
import { keyObject } from '../common/key-object.ts';
import { newToken } from '../common/token.ts';
import { requirePublicKey } from '../machines/machines.ts';
import { mailAddressOf } from '../mail/member-address.ts';
import { enqueueMail } from '../mail/outbox.ts';
import { asksConfirmation } from '../managed/applied-settings.ts';
import { memberNamed } from '../members/members.ts';
import type { Account } from '../sessions/accounts.ts';
import type { ConfirmationTable, Database } from '../store/schema.ts';
import { ownerOf } from './owner.ts';

/** A challenge is answered by a program. */
const CHALLENGE_LIFE = 5 * 60 * 1000;
/** Proofs that may fail before the owner has to make another code. */
const MOST_FAILURES = 5;
const SALT_LENGTH = 16;

export interface RegisteredCode {
  readonly id: string;
  readonly expiresAt: number;
}

/**
 * The public half of a new code for a member who is invited or waits for confirmation; the code of before, and what was
 * proven by it, count no more. Throws DomainError `NotFound`, `Invalid`.
 */
export async function registerCode(
  act: Act,
  address: string,
  half: { readonly publicKey: string; readonly salt: string },
): Promise<RegisteredCode> {
  const email = normalizeEmail(address);
  const { row } = await memberNamed(act, email);
  const joins = row.state === 'Invited' && asksConfirmation(act.vault);
  if (!joins && row.awaits !== 'Confirmation') {
    throw refuse('Invalid', `${email} waits for no confirmation.`);
  }
  const { text, fingerprint } = requirePublicKey(half.publicKey);
  const salt = Buffer.from(half.salt, 'base64');
  if (salt.length !== SALT_LENGTH || salt.toString('base64') !== half.salt) {
    throw refuse('Invalid', `The salt is not ${SALT_LENGTH} bytes in standard base64.`);
  }
  const columns = {
    id: act.ids.make('cnf'),
    public_key: text,
    salt: half.salt,
    created_at: act.now,
    expires_at: act.now + OFFER_LIFE,
    failures: 0,
    nonce: null,
    nonce_until: 0,
    proven_at: null,
  };
  await act.db
    .insertInto('confirmations')
    .values({ vault_id: act.vault.id, member_id: row.id, ...columns })
    .onConflict((conflict) => conflict.column('member_id').doUpdateSet(columns))
    .execute();
  await act.audit({
    action: 'member.code-made',
    subject: { kind: 'Member', key: email },
    details: { id: columns.id, fingerprint },
  });
  return { id: columns.id, expiresAt: columns.expires_at };
}

export interface MyConfirmation {
  readonly id: string;
  readonly vaultId: string;
  readonly organization: string;
  readonly salt: string;
  readonly expiresAt: number;
  readonly proven: boolean;
}

/** The memberships of an account that wait for confirmation and have a code. */
export async function myConfirmations(
  db: Kysely<Database>,
  account: Account,
  now: number,
): Promise<MyConfirmation[]> {
  const rows = await theirs(db, account)
    .innerJoin('vaults', 'vaults.id', 'members.vault_id')
    .select([
      'confirmations.id',
      'confirmations.vault_id',
      'vaults.display_name',
      'salt',
      'expires_at',
      'proven_at',
    ])
    .where('expires_at', '>', now)
    .orderBy('confirmations.created_at')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    vaultId: row.vault_id,
    organization: row.display_name,
    salt: row.salt,
    expiresAt: row.expires_at,
    proven: row.proven_at !== null,
  }));
}

export interface Challenge {
  readonly vaultId: string;
  readonly accountId: string;
  readonly nonce: string;
  readonly expiresAt: number;
}

/** A nonce for one proof; the challenge of before is over. Throws DomainError `NotFound`, `CodeUsedUp`. */
export async function challenge(context: VaultContext, account: Account, id: string): Promise<Challenge> {
  const { vaultId } = await confirmationOf(context, account, id);
  const nonce = newToken('cha');
  const expiresAt = context.clock.now() + CHALLENGE_LIFE;
  // Bookkeeping, as nonces are (A2); under the lock, so that it does not cross a proof.
  await context.bookkeepIn(vaultId, async (db) => {
    await openConfirmation(db, account, id, context.clock.now());
    await db
      .updateTable('confirmations')
      .set({ nonce, nonce_until: expiresAt })
      .where('id', '=', id)
      .execute();
  });
  return { vaultId, accountId: account.id, nonce, expiresAt };
}

/**
 * Checks a signature over the challenge. A wrong one counts, and the fifth ends the code.
 * Throws DomainError `NotFound`, `CodeUsedUp`, `WrongCode`.
 */
export async function proveCode(
  context: VaultContext,
  account: Account,
  id: string,
  { nonce, signature }: { readonly nonce: string; readonly signature: string },
): Promise<void> {
  const { vaultId } = await confirmationOf(context, account, id);
  const actor = {
    type: 'account',
    accountId: account.id,
    userName: account.userName,
    email: account.email,
  } as const;
  // What failed is kept, so the refusal is thrown outside the transaction.
  const isRight = await context.act(vaultId, actor, async (act) => {
    const { row, email } = await openConfirmation(act.db, account, id, act.now);
    const payload = confirmationPayload({ vaultId, confirmationId: id, accountId: account.id, nonce });
    const isOpen = row.nonce === nonce && row.nonce_until > act.now;
    const verified = isOpen && verifyPayload(keyObject(row.public_key), payload, signature);
    const result = verified ? { proven_at: act.now } : { failures: row.failures + 1 };
    await act.db
      .updateTable('confirmations')
      .set({ ...result, nonce: null })
      .where('id', '=', id)
      .execute();
    await act.audit({
      action: verified ? 'member.code-proven' : 'member.code-wrong',
      subject: { kind: 'Member', key: email },
      details: verified ? { id } : { id, failures: row.failures + 1 },
    });
    if (verified) {
      const { display_name: name, id: vault } = act.vault;
      await enqueueMail(act.db, {
        at: act.now,
        to: await mailAddressOf(act.db, await ownerOf(act)),
        subject: `${email} has proven the code for ${name}`,
        text: `${email} has proven the code that you gave them for ${name} (${vault}). They have access once you confirm them in the vault.\n`,
        kind: 'code-proven',
        vaultId: vault,
      });
    }
    return verified;
  });
  if (isRight) return;
  throw new DomainError({
    code: 'WrongCode',
    status: 403,
    detail: 'The code is wrong, or the challenge is over.',
    next: `Ask for a new challenge. After ${MOST_FAILURES} failures the owner has to make another code.`,
  });
}

/** The owner lets in who has proven the code. Throws DomainError `NotFound`, `Invalid`, `NotProven`. */
export async function confirmMember(act: Act, address: string, id: string): Promise<void> {
  const email = normalizeEmail(address);
  const { row: member } = await memberNamed(act, email);
  if (member.awaits !== 'Confirmation') throw refuse('Invalid', `${email} waits for no confirmation.`);
  const row = await act.db
    .selectFrom('confirmations')
    .selectAll()
    .where('member_id', '=', member.id)
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw refuse('NotFound', 'There is no such code for the member any more.');
  if (row.proven_at === null) {
    throw new DomainError({
      code: 'NotProven',
      status: 409,
      detail: `${email} has not proven the code yet.`,
      next: 'Give them the code by another way than mail, and wait until they have proven it.',
    });
  }
  await act.db
    .updateTable('members')
    .set({ state: decidedState(member), awaits: null, state_after: null })
    .where('id', '=', member.id)
    .execute();
  await act.db.deleteFrom('confirmations').where('id', '=', id).execute();
  await act.audit({ action: 'member.confirmed', subject: { kind: 'Member', key: email }, details: { id } });
}

/** The confirmations that an account may prove: of memberships of its own that wait for it. */
function theirs(db: Kysely<Database>, account: Account) {
  return db
    .selectFrom('confirmations')
    .innerJoin('members', 'members.id', 'confirmations.member_id')
    .where('members.account_id', '=', account.id)
    .where('members.awaits', '=', 'Confirmation');
}

async function confirmationOf(
  { reader, clock }: Pick<VaultContext, 'reader' | 'clock'>,
  account: Account,
  id: string,
): Promise<{ readonly vaultId: string }> {
  const { row } = await openConfirmation(reader, account, id, clock.now());
  return { vaultId: row.vault_id };
}

/** Throws DomainError `NotFound`, the same whether it is not there, somebody else's or over, and `CodeUsedUp`. */
async function openConfirmation(
  db: Kysely<Database>,
  account: Account,
  id: string,
  now: number,
): Promise<{ readonly row: ConfirmationTable; readonly email: string }> {
  const found = await theirs(db, account)
    .selectAll('confirmations')
    .select('members.email')
    .where('confirmations.id', '=', id)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  if (found === undefined) {
    throw refuse('NotFound', 'There is no open code of that id for you.', 'Ask the owner for a new code.');
  }
  const { email, ...row } = found;
  if (row.failures >= MOST_FAILURES) {
    throw new DomainError({
      code: 'CodeUsedUp',
      status: 403,
      detail: 'The code was wrong too often and counts no more.',
      next: 'Ask the owner for a new code.',
    });
  }
  return { row, email };
}
