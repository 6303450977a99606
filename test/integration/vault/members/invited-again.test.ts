import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { access, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { dropMember, memberNamed } from '#vault/members/members.ts';
import { member, owner, type Person, signIn } from '../world/people.ts';

const ALICE = 'alice@acme.example';
const HAD = access({ role: 'Admin', grants: [{ project: 'Main', access: 'Write' }] });

describe('a person who was cut off and whom a person invites again (rail 7)', () => {
  let vault: TestVault;
  let boss: Person;
  let alice: Person;
  beforeEach(async () => {
    vault = await startTestVault();
    boss = await owner(vault);
    alice = await member(vault, ALICE, HAD);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;
  const cutOff: Readonly<Record<string, () => Promise<unknown>>> = {
    Removed: () => boss.ask('DELETE', at(`/members/${ALICE}`)),
    Left: () => alice.ask('POST', at('/leave')),
    Declined: async () => {
      await vault.context.act(vault.vaultId, vault.owner, async (act) => {
        await dropMember(act, (await memberNamed(act, ALICE)).row);
        await act.audit({ action: 'member.removed', subject: { kind: 'Member', key: ALICE } });
      });
      await vault.step({ kind: 'InviteMember', key: ALICE, before: null, after: HAD });
      const again = await signIn(vault, ALICE, 'none');
      const { body } = await again.ask<{ invites: { id: string }[] }>('GET', '/me/invites');
      await again.ask('POST', `/me/invites/${body.invites[0]?.id}/decline`, {});
    },
    // By Git, after a person had suspended them.
    Suspended: async () => {
      await boss.ask('POST', at(`/members/${ALICE}/suspend`));
      await vault.context.act(vault.vaultId, vault.owner, async (act) => {
        await dropMember(act, (await memberNamed(act, ALICE)).row);
        await act.audit({ action: 'member.removed', subject: { kind: 'Member', key: ALICE } });
      });
    },
  };
  const inviteAgain = async (preset: object = {}): Promise<void> => {
    expect((await boss.ask('POST', at('/invites'), { emails: [ALICE], ...preset })).status).toBe(204);
  };
  const accept = async (): Promise<void> => {
    const person = await signIn(vault, ALICE, 'none');
    const { body } = await person.ask<{ invites: { id: string }[] }>('GET', '/me/invites');
    expect((await person.ask('POST', `/me/invites/${body.invites[0]?.id}/accept`, {})).status).toBe(200);
  };
  const set = (after: typeof HAD, before = access()) =>
    ({ kind: 'SetMemberAccess', key: ALICE, before, after }) as const;
  const cuts = async () => (await vault.snapshot()).tombstones;

  it.each(Object.keys(cutOff))(
    '%s: has what the invite gives; Git gives no more before the entry is named',
    async (act) => {
      await cutOff[act]?.();
      const [cut] = await cuts();
      expect(cut).toMatchObject({ act, key: ALICE });
      await inviteAgain();
      const grants = [{ project: 'Main', access: 'Read' }] as const;
      expect(await vault.step(set(access({ role: 'Admin' })))).toBe('Tombstoned');
      await accept();
      expect(await vault.step(set(access({ grants })))).toBe('Tombstoned');
      const { members } = await vault.snapshot();
      expect(members.find(({ email }) => email === ALICE)).toMatchObject({ state: 'Active', ...access() });
      expect(await vault.step(set(HAD), { reinstate: cut?.entry ?? '' })).toBe('Done');
      expect(await cuts()).toEqual([]);
    },
  );

  it('keeps what the person gave, and what is less needs no answer', async () => {
    await cutOff.Removed?.();
    const grants = [{ project: 'Main', access: 'Write' }] as const;
    await inviteAgain({ role: 'Admin', grants });
    await accept();
    const less = access({ role: 'Admin', grants: [{ project: 'Main', access: 'Read' }] });
    expect(await vault.step(set(less, HAD))).toBe('NotReserved');
    await boss.ask('PUT', at(`/members/${ALICE}/role`), { role: 'Member' });
    const [removed, lowered] = (await cuts()).toSorted((a, b) => a.at - b.at);
    // The newest cut of the role is answered; that of the membership stands over the rest.
    const now = access({ grants });
    const asAdmin = access({ role: 'Admin', grants });
    expect(await vault.step(set(asAdmin, now), { reinstate: removed?.entry ?? '' })).toBe('Tombstoned');
    expect(await vault.step(set(asAdmin, now), { reinstate: lowered?.entry ?? '' })).toBe('Done');
    expect((await cuts()).map(({ act }) => act)).toEqual(['Removed']);
  });
});
