import { beforeEach, describe, expect, it } from 'vitest';
import {
  type Answer,
  type MovedClock,
  OWNER,
  PASSWORD,
  record,
  type TestVault,
} from '#test/builders/vault.ts';
import { ownedVault } from '../world/owned-vault.ts';
import { member, type Person, signIn } from '../world/people.ts';
import { auditedActions, prove } from './in-vault.ts';

const ALICE = 'alice@acme.example';
const BOB = 'bob@acme.example';
const DAY = 24 * 60 * 60 * 1000;

let clock: MovedClock;
let vault: TestVault;
let boss: Person;
let alice: Person;
beforeEach(async () => {
  ({ clock, vault, boss } = await ownedVault());
  alice = await member(vault, ALICE);
});

const at = (path = '') => `/vaults/${vault.vaultId}${path}`;
const code = ({ status, body }: Answer<unknown>) => [status, (body as { code?: string } | null)?.code];
const offer = (email = ALICE) => boss.ask('PUT', at('/ownership-offer'), { email });
const accept = (who = alice) => who.ask('POST', at('/ownership-offer/accept'), {});
const roles = async () => {
  const rows = await vault.context.reader.selectFrom('members').select(['email', 'role']).execute();
  return Object.fromEntries(rows.map(({ email, role }) => [email, role]));
};

describe('the transfer of ownership (O3)', () => {
  it('takes the offer of the owner and the acceptance of the member; the former owner is an admin', async () => {
    expect((await offer(' Alice@Acme.Example '.trim())).status).toBe(200);
    expect(await roles()).toEqual({ [OWNER]: 'Owner', [ALICE]: 'Member' });
    const accepted = await accept();
    expect(accepted).toMatchObject({ status: 200, body: { owner: ALICE, formerOwner: OWNER } });
    expect(await roles()).toEqual({ [OWNER]: 'Admin', [ALICE]: 'Owner' });
    expect((await alice.ask('PATCH', at(), { displayName: 'Hers' })).status).toBe(204);
    expect(code(await boss.ask('PATCH', at(), { displayName: 'His' }))).toEqual([403, 'Forbidden']);
    expect((await auditedActions(vault)).slice(-4)).toEqual([
      'ownership.offered',
      'automation.revoked',
      'ownership.transferred',
      'organization.renamed',
    ]);
  });

  it('ends every delegation, and says so in the answer and the mails (V4)', async () => {
    expect((await vault.snapshot()).owner).toBe(OWNER);
    await offer();
    const { body } = await accept();
    expect(body).toMatchObject({ endedAutomations: ['operator'] });
    expect(body.next).toContain('operator');
    // Told to who signed by its key alone; and no wrong guess, however often it is asked.
    for (let again = 0; again < 12; again += 1)
      expect(code(await vault.request('GET', '/snapshot'))).toEqual([401, 'OwnershipMoved']);
    const mails = await vault.context.reader
      .selectFrom('mails')
      .select(['recipient', 'body'])
      .where('kind', '=', 'ownership-transferred')
      .orderBy('recipient')
      .execute();
    expect(mails.map(({ recipient }) => recipient)).toEqual([ALICE, OWNER]);
    for (const mail of mails) expect(mail.body).toContain('operator');
    const made = await alice.ask('POST', at('/automations'), { name: 'new', abilities: ['values:sync'] });
    expect(made.status).toBe(201);
  });

  it('ends approvals of the former owner that were not used', async () => {
    await boss.ask('POST', at('/approvals'), { digest: 'ab'.repeat(32), reason: 'r' });
    await offer();
    await accept();
    expect(await vault.context.reader.selectFrom('approvals').selectAll().execute()).toEqual([]);
  });

  it('needs a proof of both within the last five minutes', async () => {
    clock.advance(6 * 60_000);
    expect(code(await offer())).toEqual([403, 'ProofNeeded']);
    await prove(boss, PASSWORD);
    expect((await offer()).status).toBe(200);
    expect(code(await accept())).toEqual([403, 'ProofNeeded']);
    await prove(alice, PASSWORD);
    expect((await accept()).status).toBe(200);
  });

  it('is offered to active members only, by the owner only', async () => {
    expect(code(await offer('nobody@acme.example'))).toEqual([404, 'NotFound']);
    expect(code(await offer(OWNER))).toEqual([422, 'Invalid']);
    await boss.ask('POST', at('/invites'), { emails: [BOB] });
    expect(code(await offer(BOB))).toEqual([422, 'Invalid']);
    const hers = await alice.ask('PUT', at('/ownership-offer'), { email: ALICE });
    expect(code(hers)).toEqual([403, 'Forbidden']);
  });

  it('is accepted by nobody else, and shown to nobody else', async () => {
    const bob = await member(vault, BOB);
    await offer();
    expect((await alice.ask('GET', at('/ownership-offer'))).body).toMatchObject({ offer: { to: ALICE } });
    expect((await boss.ask('GET', at('/ownership-offer'))).body).toMatchObject({ offer: { to: ALICE } });
    expect((await bob.ask('GET', at('/ownership-offer'))).body).toEqual({ offer: null });
    expect(code(await accept(bob))).toEqual([404, 'NotFound']);
    expect(code(await bob.ask('POST', at('/ownership-offer/decline'), {}))).toEqual([404, 'NotFound']);
  });

  it('is over when it was declined, taken back, replaced, or after seven days', async () => {
    const bob = await member(vault, BOB);
    const ended = async () => code(await accept());
    await offer();
    expect((await alice.ask('POST', at('/ownership-offer/decline'), {})).status).toBe(204);
    expect(await ended()).toEqual([404, 'NotFound']);
    await offer();
    expect((await boss.ask('DELETE', at('/ownership-offer'))).status).toBe(204);
    expect(await ended()).toEqual([404, 'NotFound']);
    await offer();
    await offer(BOB);
    expect(await ended()).toEqual([404, 'NotFound']);
    clock.advance(7 * DAY);
    expect(code(await accept(await signIn(vault, BOB)))).toEqual([404, 'NotFound']);
    expect(await roles()).toMatchObject({ [OWNER]: 'Owner' });
    expect(bob.email).toBe(BOB);
  });

  it('does not reach a member who was suspended or removed meanwhile', async () => {
    await offer();
    await boss.ask('POST', at(`/members/${ALICE}/suspend`));
    expect((await accept()).status).toBe(401);
    await boss.ask('DELETE', at(`/members/${ALICE}`));
    expect((await boss.ask('GET', at('/ownership-offer'))).body).toEqual({ offer: null });
    expect(await roles()).toEqual({ [OWNER]: 'Owner' });
  });

  it('happens once: of many acceptances at the same moment one is made', async () => {
    await offer();
    const answers = await Promise.all(Array.from({ length: 8 }, () => accept()));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(Object.values(await roles()).filter((role) => role === 'Owner')).toHaveLength(1);
  });

  it('leaves the new owner out of every step of automation (rail 3)', async () => {
    await offer();
    await accept();
    const before = { role: 'Member', template: null, projectScope: null, grants: [] } as const;
    const keys = await alice.ask<{ id: string; privateKey: string }>('POST', at('/automations'), {
      name: 'operator',
      abilities: ['members:manage'],
      // It follows the identity of the former owner.
      managers: ['acme/acme'],
      publicKey: vault.identity.keys.publicKey.text,
    });
    const as = { id: keys.body.id, keys: vault.identity.keys };
    const lease = await vault.request<{ fencing: number }>(
      'POST',
      '/lease',
      { manager: 'acme/acme', installation: 'installation-1' },
      { as },
    );
    const fence = { manager: 'acme/acme', installation: 'installation-1', fencing: lease.body.fencing };
    const kept = { record: record('Member', ALICE) };
    const answers = await vault.steps(
      [
        {
          action: {
            kind: 'SuspendMember',
            key: ALICE,
            before: { state: 'Active' },
            after: { state: 'Suspended' },
          },
          ...kept,
        },
        { action: { kind: 'RemoveMember', key: ALICE, before: { ...before, state: 'Active' }, after: null } },
        {
          action: { kind: 'SetMemberAccess', key: ALICE, before, after: { ...before, role: 'Admin' } },
          ...kept,
        },
      ],
      { fence, as },
    );
    expect(answers.map((answer) => (answer.status === 'Refused' ? answer.code : answer.status))).toEqual([
      'Floor',
      'Floor',
      'Floor',
    ]);
    expect(await roles()).toEqual({ [OWNER]: 'Admin', [ALICE]: 'Owner' });
  });
});

describe('admins (O4)', () => {
  const setRole = (who: Person, role: string, email = ALICE) =>
    who.ask('PUT', at(`/members/${email}/role`), { role });

  it('are appointed and dismissed by the owner', async () => {
    expect((await setRole(boss, 'Admin')).status).toBe(204);
    expect(await roles()).toMatchObject({ [ALICE]: 'Admin' });
    expect((await alice.ask('GET', at('/members'))).status).toBe(200);
    expect((await setRole(boss, 'Member')).status).toBe(204);
    expect((await alice.ask('GET', at('/members'))).status).toBe(403);
    expect((await auditedActions(vault)).slice(-2)).toEqual(['member.role-set', 'member.role-set']);
  });

  it('appoint nobody themselves, and the role of the owner is not given', async () => {
    await member(vault, BOB);
    await setRole(boss, 'Admin');
    expect(code(await setRole(alice, 'Admin', BOB))).toEqual([403, 'Forbidden']);
    expect(code(await setRole(alice, 'Member'))).toEqual([403, 'Forbidden']);
    expect(code(await setRole(boss, 'Owner', BOB))).toEqual([400, 'InvalidRequest']);
    expect(code(await setRole(boss, 'Member', OWNER))).toEqual([422, 'Floor']);
  });
});
