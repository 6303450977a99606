import { beforeEach, describe, expect, it } from 'vitest';
import { confirmationKey, newConfirmationCode, newConfirmationSalt } from '#identity/confirmation-code.ts';
import { newKeyPair } from '#identity/key-pair.ts';
import type { RailSettings } from '#model/fields.ts';
import type { StepAction } from '#model/step.ts';
import { confirmationPayload } from '#protocol/confirmation.ts';
import { signPayload } from '#protocol/signing.ts';
import { RAILS } from '#test/builders/desired.ts';
import { type Answer, type MovedClock, PASSWORD, record, type TestVault } from '#test/builders/vault.ts';
import { ownedVault } from '../world/owned-vault.ts';
import { invitee, member, type Person, signIn } from '../world/people.ts';
import { auditedActions, prove } from './in-vault.ts';

const ALICE = 'alice@acme.example';
const DAY = 24 * 60 * 60 * 1000;

let clock: MovedClock;
let vault: TestVault;
let boss: Person;
beforeEach(async () => {
  ({ clock, vault, boss } = await ownedVault());
});

const at = (path = '') => `/vaults/${vault.vaultId}${path}`;
const code = ({ status, body }: Answer<unknown>) => [status, (body as { code?: string } | null)?.code];
const askFor = (required = true) => boss.ask('PUT', at('/confirmation'), { required });
const stateOf = async (email = ALICE) => {
  const { body } = await boss.ask<{ members: Record<string, unknown>[] }>('GET', at('/members'));
  const found = body.members.find((one) => one.email === email);
  return [found?.state, found?.awaits, (found?.confirmation as { proven?: boolean } | null)?.proven ?? null];
};
/** Keys stand for codes here: what Argon2id gives is tested beside the code. */
const register = async (keys = newKeyPair(), salt = newConfirmationSalt()) => {
  const half = { publicKey: keys.publicKey.text, salt };
  const { status, body } = await boss.ask<{ id: string }>('PUT', at(`/members/${ALICE}/confirmation`), half);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return { id: body.id, keys };
};
const challenge = async (person: Person, id: string) =>
  (
    await person.ask<{ vaultId: string; accountId: string; nonce: string }>(
      'POST',
      `/me/confirmations/${id}/challenge`,
    )
  ).body;
const send = (person: Person, id: string, nonce: string, signature: string) =>
  person.ask('POST', `/me/confirmations/${id}/proof`, { nonce, signature });
const proof = async (person: Person, id: string, keys = newKeyPair()) => {
  const { vaultId, accountId, nonce } = await challenge(person, id);
  const payload = confirmationPayload({ vaultId, confirmationId: id, accountId, nonce });
  return send(person, id, nonce, signPayload(keys.privateKey, payload));
};
const confirm = (id: string) => boss.ask('POST', at(`/members/${ALICE}/confirmation/confirm`), { id });
const accept = async (person: Person) => {
  const { invites } = (await person.ask<{ invites: { id: string }[] }>('GET', '/me/invites')).body;
  return person.ask('POST', `/me/invites/${invites[0]?.id}/accept`, {});
};

describe('an Organization object that asks for confirmation (I4)', () => {
  const applying = (before: RailSettings | null, after: Partial<RailSettings>): StepAction => ({
    kind: 'ApplySettings',
    key: vault.vaultId,
    before,
    after: { ...RAILS, ...after },
  });

  it('has who joins wait for the owner, who cannot ask for less in the vault', async () => {
    expect(await vault.stepUnapproved(applying(null, { confirmation: true }))).toBe('Done');
    const alice = await invitee(vault, ALICE);
    await accept(alice);
    expect(await stateOf()).toEqual(['Suspended', 'Confirmation', null]);
    expect((await boss.ask<{ confirmation: boolean }>('GET', at())).body.confirmation).toBe(true);
    await askFor();
    expect(code(await askFor(false))).toEqual([403, 'Foreign']);
    const back = applying({ ...RAILS, confirmation: true }, {});
    expect(await vault.stepUnapproved(back)).toBe('NeedsApproval');
    expect(await vault.step(back, { approval: await vault.approved([back]) })).toBe('Done');
    expect(code(await askFor(false))).toEqual([204, undefined]);
  });

  it('is refused on a tier that has none, and what is asked for already stays (P4)', async () => {
    await vault.database.edit(`update vaults set plan = 'Free'`);
    expect(await vault.stepUnapproved(applying(null, { confirmation: true }))).toBe('QuotaReached');
    expect((await vault.snapshot()).plan.noConfirmation).toBe(true);
    await vault.database.edit(`update vaults set plan = 'Business'`);
    expect(await vault.stepUnapproved(applying(null, { confirmation: true }))).toBe('Done');
    await vault.database.edit(`update vaults set plan = 'Free'`);
    const tighter = applying({ ...RAILS, confirmation: true }, { confirmation: true, settleSeconds: 60 });
    expect(await vault.stepUnapproved(tighter)).toBe('Done');
  });
});

describe('an organization that asks for confirmation (I4)', () => {
  let alice: Person;
  beforeEach(async () => {
    await askFor();
    alice = await invitee(vault, ALICE, { grants: [{ project: 'Main', access: 'Read' }] });
  });

  it('lets nobody in by accepting alone; the code has to be proven and the owner to confirm', async () => {
    const { id, keys } = await register();
    expect((await accept(alice)).status).toBe(200);
    expect(await stateOf()).toEqual(['Suspended', 'Confirmation', false]);
    await expect(signIn(vault, ALICE)).rejects.toThrow('NotAMember');
    expect(code(await confirm(id))).toEqual([409, 'NotProven']);
    expect((await proof(alice, id, keys)).status).toBe(204);
    expect(await stateOf()).toEqual(['Suspended', 'Confirmation', true]);
    const mails = await vault.context.reader.selectFrom('mails').select(['kind', 'recipient']).execute();
    expect(mails).toContainEqual({ kind: 'code-proven', recipient: 'owner@acme.example' });
    await expect(signIn(vault, ALICE)).rejects.toThrow('NotAMember');
    expect((await confirm(id)).status).toBe(204);
    expect(await stateOf()).toEqual(['Active', null, null]);
    const inside = await signIn(vault, ALICE);
    expect((await inside.ask('GET', at('/secrets'))).status).toBe(200);
    expect((await auditedActions(vault)).slice(-4)).toEqual([
      'member.code-made',
      'invite.accepted',
      'member.code-proven',
      'member.confirmed',
    ]);
  });

  it('takes the key that both clients derive from the code, which is nowhere in the database', async () => {
    const secret = newConfirmationCode();
    const salt = newConfirmationSalt();
    const { id } = await register(await confirmationKey(secret, salt), salt);
    await accept(alice);
    const mine = (await alice.ask('GET', '/me/confirmations')).body;
    expect(mine).toMatchObject({ confirmations: [{ id, salt, proven: false, organization: 'Acme' }] });
    const typed = secret.toLowerCase().replaceAll('-', ' ');
    expect((await proof(alice, id, await confirmationKey(typed, salt))).status).toBe(204);
    const rows = await vault.context.reader.selectFrom('confirmations').selectAll().execute();
    const entries = await vault.context.reader.selectFrom('audit_entries').select('entry').execute();
    const mails = await vault.context.reader.selectFrom('mails').selectAll().execute();
    const all = JSON.stringify([rows, entries, mails]);
    expect(all).not.toContain(secret);
    expect(all).not.toContain(secret.replaceAll('-', ''));
  });

  it('shows the operator that the member waits, and lets it give no access (M1, rail 7)', async () => {
    await accept(alice);
    const { members } = await vault.snapshot();
    expect(members.find(({ email }) => email === ALICE)).toMatchObject({
      state: 'Active',
      awaits: 'Confirmation',
    });
    const back = { before: { state: 'Suspended' }, after: { state: 'Active' } } as const;
    const kept = { record: record('Member', ALICE) };
    expect(await vault.step({ kind: 'UnsuspendMember', key: ALICE, ...back }, kept)).toBe('StaleBefore');
    expect(code(await boss.ask('POST', at(`/members/${ALICE}/unsuspend`)))).toEqual([422, 'Invalid']);
    await expect(signIn(vault, ALICE)).rejects.toThrow('NotAMember');
  });

  it('refuses a wrong code, and ends the code with the fifth', async () => {
    const { id } = await register();
    await accept(alice);
    for (let wrong = 1; wrong <= 5; wrong += 1) {
      expect(code(await proof(alice, id))).toEqual([403, 'WrongCode']);
    }
    expect(code(await send(alice, id, 'n', 's'))).toEqual([403, 'CodeUsedUp']);
    expect(code(await alice.ask('POST', `/me/confirmations/${id}/challenge`))).toEqual([403, 'CodeUsedUp']);
    expect(code(await confirm(id))).toEqual([409, 'NotProven']);
    const renewed = await register();
    expect(code(await send(alice, id, 'n', 's'))).toEqual([404, 'NotFound']);
    expect((await proof(alice, renewed.id, renewed.keys)).status).toBe(204);
  });

  it('counts guesses that come at once one by one', async () => {
    const { id } = await register();
    await accept(alice);
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(alice, id, 'n', 's')));
    const codes = answers.map((answer) => code(answer)[1]);
    expect(codes.filter((one) => one === 'WrongCode')).toHaveLength(5);
    expect(codes.filter((one) => one === 'CodeUsedUp')).toHaveLength(15);
  });

  it('takes a signature once, for this account, vault and code, and for five minutes', async () => {
    const { id, keys } = await register();
    await accept(alice);
    const open = await challenge(alice, id);
    const sign = (of: Partial<Parameters<typeof confirmationPayload>[0]>) =>
      signPayload(keys.privateKey, confirmationPayload({ ...open, confirmationId: id, ...of }));
    expect(code(await send(alice, id, open.nonce, sign({ vaultId: 'vault_0000000000000000' })))).toEqual([
      403,
      'WrongCode',
    ]);
    const second = await challenge(alice, id);
    const other = sign({ accountId: 'acc_0000000000000000', nonce: second.nonce });
    expect(code(await send(alice, id, second.nonce, other))).toEqual([403, 'WrongCode']);
    expect(code(await send(alice, id, second.nonce, sign({ nonce: second.nonce })))).toEqual([
      403,
      'WrongCode',
    ]);
    const third = await challenge(alice, id);
    clock.advance(5 * 60_000);
    expect(code(await send(alice, id, third.nonce, sign({ nonce: third.nonce })))).toEqual([
      403,
      'WrongCode',
    ]);
    const fourth = await challenge(alice, id);
    expect((await send(alice, id, fourth.nonce, sign({ nonce: fourth.nonce }))).status).toBe(204);
  });

  it('hides a code from everybody but the member who waits', async () => {
    const { id, keys } = await register();
    await accept(alice);
    await askFor(false);
    const bob = await member(vault, 'bob@acme.example');
    expect((await bob.ask('GET', '/me/confirmations')).body).toEqual({ confirmations: [] });
    expect(code(await bob.ask('POST', `/me/confirmations/${id}/challenge`))).toEqual([404, 'NotFound']);
    expect(code(await send(bob, id, 'n', 's'))).toEqual([404, 'NotFound']);
    // Asked for no longer: who waits still waits, and can be confirmed.
    expect(await stateOf()).toEqual(['Suspended', 'Confirmation', false]);
    await proof(alice, id, keys);
    expect((await confirm(id)).status).toBe(204);
  });

  it('takes no code after seven days', async () => {
    const { id } = await register();
    await accept(alice);
    clock.advance(7 * DAY);
    const later = await signIn(vault, ALICE, 'none');
    expect((await later.ask('GET', '/me/confirmations')).body).toEqual({ confirmations: [] });
    expect(code(await later.ask('POST', `/me/confirmations/${id}/challenge`))).toEqual([404, 'NotFound']);
  });

  it('confirms by the owner alone, and the code that was proven alone', async () => {
    const first = await register();
    await accept(alice);
    await proof(alice, first.id, first.keys);
    const second = await register();
    expect(code(await confirm(first.id))).toEqual([404, 'NotFound']);
    expect(code(await confirm(second.id))).toEqual([409, 'NotProven']);
    await askFor(false);
    const bob = await member(vault, 'bob@acme.example', { role: 'Admin' });
    const target = at(`/members/${ALICE}/confirmation/confirm`);
    expect(code(await bob.ask('POST', target, { id: second.id }))).toEqual([403, 'Forbidden']);
  });

  it('lets who waits leave (M3)', async () => {
    await accept(alice);
    const left = await alice.ask('POST', `/me/reacceptances/${vault.vaultId}/decline`);
    expect(left.status).toBe(204);
    expect(await stateOf()).toEqual([undefined, undefined, null]);
  });

  it('un-suspends to confirmation, not to access (M1)', async () => {
    await askFor(false);
    await accept(alice);
    await askFor(true);
    expect(await stateOf()).toEqual(['Active', null, null]);
    await boss.ask('POST', at(`/members/${ALICE}/suspend`));
    expect((await boss.ask('POST', at(`/members/${ALICE}/unsuspend`))).status).toBe(204);
    expect(await stateOf()).toEqual(['Suspended', 'Confirmation', null]);
    const { id, keys } = await register();
    await proof(alice, id, keys);
    await confirm(id);
    expect(await stateOf()).toEqual(['Active', null, null]);
  });

  it('confirms anew after a key rotation, and takes no proof of before (O5)', async () => {
    const { id, keys } = await register();
    await accept(alice);
    await proof(alice, id, keys);
    await boss.ask('POST', at('/key-rotation'));
    expect(code(await confirm(id))).toEqual([404, 'NotFound']);
    expect(await stateOf()).toEqual(['Suspended', 'Confirmation', null]);
    expect((await (await signIn(vault, ALICE, 'none')).ask('GET', '/me/reacceptances')).body).toEqual({
      reacceptances: [],
    });
    const anew = await register();
    await proof(await signIn(vault, ALICE, 'none'), anew.id, anew.keys);
    expect((await confirm(anew.id)).status).toBe(204);
    expect(await stateOf()).toEqual(['Active', null, null]);
  });

  it('registers nothing but a public key and a salt, for who waits', async () => {
    const put = (email: string, publicKey: string, salt: string) =>
      boss.ask('PUT', at(`/members/${email}/confirmation`), { publicKey, salt });
    const { text } = newKeyPair().publicKey;
    const salt = newConfirmationSalt();
    expect(code(await put(ALICE, 'k', salt))).toEqual([422, 'Invalid']);
    expect(code(await put(ALICE, text, 'AAAA'))).toEqual([422, 'Invalid']);
    expect(code(await put('owner@acme.example', text, salt))).toEqual([422, 'Invalid']);
    expect(code(await put('nobody@acme.example', text, salt))).toEqual([404, 'NotFound']);
  });
});

describe('confirmation as a setting (I4, P4)', () => {
  it('takes a plan that has it, the owner, and a recent proof', async () => {
    await vault.context.bookkeep((db) => db.updateTable('vaults').set({ plan: 'Free' }).execute());
    expect(code(await askFor())).toEqual([409, 'FeatureNotInPlan']);
    await vault.context.bookkeep((db) => db.updateTable('vaults').set({ plan: 'Business' }).execute());
    clock.advance(6 * 60_000);
    expect(code(await askFor())).toEqual([403, 'ProofNeeded']);
    await prove(boss, PASSWORD);
    expect((await askFor()).status).toBe(204);
    expect(code(await askFor())).toEqual([422, 'Invalid']);
    expect((await boss.ask('GET', at())).body).toMatchObject({ confirmation: true });
  });
});
