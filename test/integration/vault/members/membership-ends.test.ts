import { beforeEach, describe, expect, it } from 'vitest';
import type { RailSettings } from '#model/fields.ts';
import type { MemberAccess } from '#model/organization.ts';
import type { StepAction } from '#model/step.ts';
import { RAILS } from '#test/builders/desired.ts';
import { access, MANAGER, type MovedClock, OWNER, type TestVault } from '#test/builders/vault.ts';
import { ownedVault } from '../world/owned-vault.ts';
import { member, type Person } from '../world/people.ts';

const ALICE = 'alice@acme.example';
const BOB = 'bob@acme.example';
const HOUR = 60 * 60 * 1000;

describe('when a membership ends', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let boss: Person;
  let end: number;
  beforeEach(async () => {
    ({ clock, vault, boss } = await ownedVault());
    end = clock.now() + HOUR;
  });

  const setEnd = (email: string, expiresAt: number | null, by = boss) =>
    by.ask<{ code: string }>('PUT', `/vaults/${vault.vaultId}/members/${email}/end`, { expiresAt });
  const endOf = async (email: string) =>
    (await vault.snapshot()).members.find((one) => one.email === email)?.expiresAt;
  const cuts = async () => (await vault.snapshot()).tombstones.map(({ key, act }) => [key, act]);
  const replace = (before: MemberAccess, after: MemberAccess): StepAction => ({
    kind: 'SetMemberAccess',
    key: ALICE,
    before,
    after,
  });
  const applied = async (rails: Partial<RailSettings>, before: RailSettings | null = null) => {
    const action: StepAction = {
      kind: 'ApplySettings',
      key: vault.vaultId,
      before,
      after: { ...RAILS, ...rails },
    };
    return vault.step(action, { approval: await vault.approved([action]) });
  };

  it('is said by people who may suspend; what they shortened stays so until an entry is named (rail 7)', async () => {
    const alice = await member(vault, ALICE);
    expect((await setEnd(ALICE, end, alice)).body.code).toBe('Forbidden');
    expect((await setEnd(ALICE, end)).status).toBe(204);
    expect(await endOf(ALICE)).toBe(end);
    expect(await cuts()).toEqual([[ALICE, 'EndShortened']]);
    const lengthened = replace(access({ expiresAt: end }), access());
    expect(await vault.step(lengthened)).toBe('Tombstoned');
    expect(await vault.step(replace(access({ expiresAt: end }), access({ expiresAt: end - 1 })))).toBe(
      'NotReserved',
    );
    expect((await setEnd(ALICE, end + HOUR)).status).toBe(204);
    expect(await cuts()).toEqual([[ALICE, 'EndShortened']]);
    expect((await setEnd(ALICE, null)).status).toBe(204);
    expect(await cuts()).toEqual([]);
    expect(await endOf(ALICE)).toBeUndefined();
  });

  it('cuts sessions at once where it lies in the past', async () => {
    const alice = await member(vault, ALICE);
    expect((await setEnd(ALICE, clock.now())).status).toBe(204);
    expect((await alice.ask('GET', `/vaults/${vault.vaultId}/projects`)).status).toBe(401);
    // They are gone, not only over: another end brings none back.
    expect((await setEnd(ALICE, null)).status).toBe(204);
    expect((await alice.ask('GET', `/vaults/${vault.vaultId}/projects`)).status).toBe(401);
  });

  it('is refused of the owner, of required admins and of the last approver, to people and to steps (rail 3)', async () => {
    await member(vault, ALICE, { role: 'Admin' });
    await member(vault, BOB);
    expect((await setEnd(OWNER, end)).body.code).toBe('Floor');
    const approvers = { users: [], groups: [], members: [BOB] };
    expect(await applied({ requiredAdmins: [ALICE], approvers })).toBe('Done');
    for (const email of [ALICE, BOB]) expect((await setEnd(email, end)).body.code).toBe('Floor');
    const admin = access({ role: 'Admin' });
    expect(await vault.step(replace(admin, { ...admin, expiresAt: end }))).toBe('Floor');
    expect((await setEnd(ALICE, null)).status).toBe(204);
  });

  it('keeps nobody an admin by the rails: a required admin is one without an end (rail 3)', async () => {
    await member(vault, ALICE, { role: 'Admin', expiresAt: end });
    expect(await applied({ requiredAdmins: [ALICE] })).toBe('Floor');
    await setEnd(ALICE, null);
    expect(await applied({ requiredAdmins: [ALICE] })).toBe('Done');
  });

  it('is a loss when it is added or shortened, and none once it has passed (rail 1)', async () => {
    await member(vault, ALICE);
    const ending = access({ expiresAt: end });
    expect(await vault.step(replace(access(), ending))).toBe('NotReserved');
    await setEnd(ALICE, end);
    const remove = {
      kind: 'RemoveMember',
      key: ALICE,
      before: { ...ending, state: 'Active' },
      after: null,
    } as const;
    const withdrawn = { dropRecord: { kind: 'Member', key: ALICE }, record: null } as const;
    clock.advance(end - 1 - clock.now());
    await vault.lease(MANAGER, 'installation-1');
    expect(await vault.step(remove, withdrawn)).toBe('NotReserved');
    clock.advance(1);
    expect(await vault.step(remove, withdrawn)).toBe('Done');
    expect((await vault.snapshot()).ledger).toEqual([]);
  });

  it('keeps its holder from owning the organization (O3)', async () => {
    const alice = await member(vault, ALICE, { expiresAt: end });
    const offer = () =>
      boss.ask<{ code: string }>('PUT', `/vaults/${vault.vaultId}/ownership-offer`, { email: ALICE });
    expect((await offer()).body).toMatchObject({ code: 'Invalid' });
    await setEnd(ALICE, null);
    expect((await offer()).status).toBeLessThan(300);
    await setEnd(ALICE, end);
    expect(
      (await alice.ask<{ code: string }>('POST', `/vaults/${vault.vaultId}/ownership-offer/accept`, {})).body
        .code,
    ).toBe('Invalid');
  });

  it('of a grant or a template that a person shortened is not lengthened by Git either (rail 7)', async () => {
    const home = `/vaults/${vault.vaultId}`;
    const must = async (method: string, path: string, body: object) =>
      expect((await boss.ask(method, `${home}${path}`, body)).status, path).toBeLessThan(300);
    await must('POST', '/projects', { name: 'web' });
    await must('POST', '/templates', {
      ...{ name: 'dev', description: '', projectScope: 'All' },
      capabilities: { Secrets: ['View'] },
    });
    const given = access({ template: 'dev', grants: [{ project: 'web', access: 'Write' }] });
    await member(vault, ALICE, given);
    await must('PUT', `/members/${ALICE}/grants/web`, { access: 'Write', expiresAt: end });
    await must('PUT', `/members/${ALICE}/template`, { template: 'dev', expiresAt: end });
    const shortened = access({
      template: 'dev',
      templateExpiresAt: end,
      grants: [{ project: 'web', access: 'Write', expiresAt: end }],
    });
    expect((await cuts()).map(([, act]) => act).sort()).toEqual(['GrantRemoved', 'TemplateTaken']);
    for (const longer of [
      { ...shortened, grants: given.grants },
      { ...shortened, templateExpiresAt: end + 1 },
    ]) {
      expect(await vault.step(replace(shortened, longer))).toBe('Tombstoned');
    }
    await must('PUT', `/members/${ALICE}/grants/web`, { access: 'Write' });
    await must('PUT', `/members/${ALICE}/template`, { template: 'dev' });
    expect(await cuts()).toEqual([]);
  });
});
