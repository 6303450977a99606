import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MovedClock, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { invitee, member, newAccount, owner, signIn } from '../world/people.ts';

describe('an invite', () => {
  let clock: MovedClock;
  let vault: TestVault;
  beforeEach(async () => {
    clock = new MovedClock();
    vault = await startTestVault({ clock });
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const stateOf = async (email: string) => {
    const { members, tombstones } = await vault.snapshot();
    return {
      state: members.find((one) => one.email === email)?.state ?? null,
      tombstones: tombstones.filter(({ key }) => key === email).map(({ act, actor }) => `${act} by ${actor}`),
    };
  };
  const first = async (person: Awaited<ReturnType<typeof invitee>>): Promise<string> => {
    const { body } = await person.ask<{ invites: { id: string }[] }>('GET', '/me/invites');
    return body.invites[0]?.id ?? 'none';
  };

  it('is seen and accepted by the account of its address; the membership joins that account (I3)', async () => {
    const alice = await invitee(vault, 'alice@acme.example');
    const { body } = await alice.ask('GET', '/me/invites');
    expect(body).toEqual({
      invites: [
        {
          id: expect.stringMatching(/^inv_/),
          vaultId: vault.vaultId,
          organization: 'Acme',
          role: 'Member',
          sentAt: clock.now(),
          expiresAt: clock.now() + 7 * 24 * 3600 * 1000,
        },
      ],
    });
    const accepted = await alice.ask('POST', `/me/invites/${await first(alice)}/accept`, {});
    expect(accepted).toMatchObject({ status: 200, body: { vaultId: vault.vaultId } });
    expect(await stateOf('alice@acme.example')).toEqual({ state: 'Active', tombstones: [] });
    expect((await alice.ask('GET', '/me/invites')).body).toEqual({ invites: [] });
    await signIn(vault, 'alice@acme.example');
  });

  it('declined is gone, and a tombstone keeps managers from sending it again (I3, rail 7)', async () => {
    const bob = await invitee(vault, 'bob@acme.example');
    expect((await bob.ask('POST', `/me/invites/${await first(bob)}/decline`, {})).status).toBe(200);
    expect(await stateOf('bob@acme.example')).toEqual({ state: null, tombstones: ['Declined by bob'] });
    const access = { role: 'Member', template: null, projectScope: null, grants: [] } as const;
    const again = { kind: 'InviteMember', key: 'bob@acme.example', before: null, after: access } as const;
    expect(await vault.step(again)).toBe('Tombstoned');
    const [entry] = (await vault.snapshot()).tombstones;
    expect(await vault.step(again, { reinstate: entry?.entry ?? '' })).toBe('Done');
  });

  it('is answered once', async () => {
    const alice = await invitee(vault, 'alice@acme.example');
    const id = await first(alice);
    expect((await alice.ask('POST', `/me/invites/${id}/accept`, {})).status).toBe(200);
    expect((await alice.ask('POST', `/me/invites/${id}/accept`, {})).status).toBe(404);
    expect((await alice.ask('POST', `/me/invites/${id}/decline`, {})).status).toBe(404);
    expect((await stateOf('alice@acme.example')).state).toBe('Active');
  });

  it('is answered by nobody else: the same 404 as for one that is not there', async () => {
    const alice = await invitee(vault, 'alice@acme.example');
    await newAccount(vault, 'mallory@acme.example');
    const mallory = await signIn(vault, 'mallory@acme.example', 'none');
    const stolen = await mallory.ask('POST', `/me/invites/${await first(alice)}/accept`, {});
    const invented = await mallory.ask('POST', '/me/invites/inv_0000000000000000/accept', {});
    expect(stolen.status).toBe(404);
    expect(stolen.body).toEqual(invented.body);
    expect((await stateOf('alice@acme.example')).state).toBe('Invited');
  });

  it('attaches only to a verified address (I1)', async () => {
    const alice = await invitee(vault, 'alice@acme.example');
    const id = await first(alice);
    await vault.context.bookkeep((db) =>
      db.updateTable('accounts').set({ email_verified_at: null }).execute(),
    );
    expect((await alice.ask('GET', '/me/invites')).body).toEqual({ invites: [] });
    expect((await alice.ask('POST', `/me/invites/${id}/accept`, {})).status).toBe(404);
  });

  it('compares addresses without case', async () => {
    const carol = await invitee(vault, 'Carol@Acme.Example');
    expect((await carol.ask('POST', `/me/invites/${await first(carol)}/accept`, {})).status).toBe(200);
    expect((await stateOf('carol@acme.example')).state).toBe('Active');
  });

  it('that ran out is neither listed nor accepted (I2)', async () => {
    await invitee(vault, 'alice@acme.example');
    clock.advance(7 * 24 * 3600 * 1000);
    const later = await signIn(vault, 'alice@acme.example', 'none');
    const row = await vault.context.reader.selectFrom('invites').select('id').executeTakeFirstOrThrow();
    expect((await later.ask('GET', '/me/invites')).body).toEqual({ invites: [] });
    expect((await later.ask('POST', `/me/invites/${row.id}/accept`, {})).status).toBe(404);
  });

  it('sent by a person is answered alike whether or not there is an account (I1)', async () => {
    await newAccount(vault, 'known@acme.example');
    const boss = await owner(vault);
    const path = `/vaults/${vault.vaultId}/invites`;
    const known = await boss.ask('POST', path, { emails: ['known@acme.example'] });
    const unknown = await boss.ask('POST', path, { emails: ['unknown@acme.example'] });
    expect([known.status, known.body]).toEqual([204, null]);
    expect([unknown.status, unknown.body]).toEqual([204, null]);
    expect((await stateOf('unknown@acme.example')).state).toBe('Invited');
  });

  it('over the seats of the plan is refused, for all of a request (I5)', async () => {
    await using small = await startTestVault({ plan: 'Free' });
    const boss = await owner(small);
    const emails = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}@acme.example`);
    const answer = await boss.ask('POST', `/vaults/${small.vaultId}/invites`, { emails });
    expect(answer).toMatchObject({ status: 409, body: { code: 'SeatsExhausted' } });
    expect((await small.snapshot()).members).toHaveLength(1);
  });

  it('is sent by who holds Organization: Invite, and by nobody else', async () => {
    const plain = await member(vault, 'alice@acme.example');
    const answer = await plain.ask('POST', `/vaults/${vault.vaultId}/invites`, {
      emails: ['x@acme.example'],
    });
    expect(answer).toMatchObject({ status: 403, body: { code: 'Forbidden' } });
  });
});
