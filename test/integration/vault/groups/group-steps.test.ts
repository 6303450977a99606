import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GrantAccess, GroupContent } from '#model/organization.ts';
import type { StepAction } from '#model/step.ts';
import { record, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { invitee, member, owner, type Person } from '../world/people.ts';

const ALICE = 'alice@acme.example';
const BOB = 'bob@acme.example';
const grants = (level: GrantAccess) => [{ project: 'Main', access: level }];
const group = (fields: Partial<GroupContent> = {}): GroupContent => ({
  ...{ description: '', members: [], grants: [] },
  ...fields,
});

describe('steps on groups', () => {
  let vault: TestVault;
  let boss: Person;
  beforeEach(async () => {
    vault = await startTestVault();
    boss = await owner(vault);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;
  const ops = async () => (await vault.snapshot()).groups.find(({ name }) => name === 'ops');
  const create = (after: Partial<GroupContent>, more: object = {}) =>
    vault.step(
      { kind: 'CreateGroup', key: 'ops', before: null, after: group(after) },
      { record: record('Group', 'ops'), ...more },
    );
  const update = (before: Partial<GroupContent>, after: Partial<GroupContent>, more: object = {}) =>
    vault.step({ kind: 'UpdateGroup', key: 'ops', before: group(before), after: group(after) }, more);
  const reserve = async (action: StepAction) =>
    vault.request('POST', '/reservations', {
      ...{ fence: await vault.fence(), class: 'access', actions: [action], approval: null },
    });
  const put = (by: Person) => by.ask('PUT', at('/projects/Main/secrets/s'), { value: 'v' });

  it('make it with description, members and grants at once, who have it with their next request', async () => {
    const alice = await member(vault, ALICE);
    expect((await put(alice)).status).toBe(403);
    const made = { description: 'on call', members: [ALICE], grants: grants('Write') };
    expect(await create(made)).toBe('Done');
    expect(await ops()).toMatchObject(made);
    expect((await put(alice)).status).toBe(200);
    expect(await create(made)).toBe('NameTaken');
  });

  it('lose nothing of whom the group gave something until their membership of it ended (M5)', async () => {
    await member(vault, ALICE);
    await create({ grants: grants('Write') });
    const expiresAt = Date.now() + 60 * 60 * 1000;
    const listing = await boss.ask('POST', at('/groups/ops/members'), { emails: [ALICE], expiresAt });
    expect(listing.status).toBe(204);
    await vault.database.edit(`update group_members set ends_at = 1 where ends_at is not null`);
    expect(await update({ grants: grants('Write') }, { grants: grants('Read') })).toBe('Done');
    expect((await vault.snapshot()).ledger).toEqual([]);
  });

  it('list until an end, lengthen and shorten it, and drop it, each by what was decided on (M5)', async () => {
    const alice = await member(vault, ALICE);
    const end = (expiresAt: number) => ({ ends: [{ member: ALICE, expiresAt }] });
    const [soon, later] = [Date.now() + 60_000, Date.now() + 120_000];
    const given = (ends: object) => ({ members: [ALICE], grants: grants('Write'), ...ends });
    expect(await create(given(end(soon)))).toBe('Done');
    expect(await ops()).toMatchObject(given(end(soon)));
    expect(await update(given(end(later)), given({}))).toBe('StaleBefore');
    expect(await update(given(end(soon)), given(end(later)))).toBe('Done');
    expect(await ops()).toMatchObject(given(end(later)));
    expect(await update(given(end(later)), given(end(soon)))).toBe('NotReserved');
    await vault.database.edit(`update group_members set ends_at = 1 where ends_at is not null`);
    expect((await put(alice)).status).toBe(403);
    expect(await update(given(end(1)), given({}))).toBe('Done');
    expect((await ops())?.ends).toBeUndefined();
    expect((await put(alice)).status).toBe(200);
    expect(await update({ grants: grants('Write') }, { ...given({}), ...end(soon), members: [] })).toBe(
      'Invalid',
    );
  });

  it('list nobody for longer than a person had them listed (rail 7)', async () => {
    await member(vault, ALICE);
    const [soon, later] = [Date.now() + 60_000, Date.now() + 120_000];
    const ends = (expiresAt: number) => ({ members: [ALICE], ends: [{ member: ALICE, expiresAt }] });
    await create(ends(later));
    const listing = await boss.ask('POST', at('/groups/ops/members'), { emails: [ALICE], expiresAt: soon });
    expect(listing.status).toBe(204);
    expect((await vault.snapshot()).tombstones).toMatchObject([{ act: 'MembershipRemoved', item: ALICE }]);
    expect(await update(ends(soon), ends(later))).toBe('Tombstoned');
    await boss.ask('POST', at('/groups/ops/members'), { emails: [ALICE] });
    expect((await vault.snapshot()).tombstones).toEqual([]);
  });

  it('name who comes and goes, and are refused once that is over', async () => {
    await member(vault, ALICE);
    await member(vault, BOB);
    await create({ members: [ALICE] });
    expect(await update({}, { members: [BOB] })).toBe('Done');
    expect(await update({}, { members: [BOB] })).toBe('StaleBefore');
    expect(await update({ members: [ALICE] }, { description: 'few' })).toBe('Done');
    expect(await update({ members: [ALICE] }, {})).toBe('StaleBefore');
    expect(await update({}, { grants: grants('Read') })).toBe('StaleBefore');
    expect(await update({ description: 'few' }, { grants: grants('Read') })).toBe('Done');
    expect(await ops()).toMatchObject({ description: '', members: [BOB], grants: grants('Read') });
  });

  it('list an invitee, and nobody whom nobody invited', async () => {
    await invitee(vault, BOB);
    await create({});
    expect(await update({}, { members: [BOB] })).toBe('Done');
    expect(await update({}, { members: ['stranger@acme.example'] })).toBe('NotFound');
    expect(await update({}, { members: ['Alice@acme.example'] })).toBe('Invalid');
  });

  it('lose access of the class access, a person each, and only under a reservation (rail 1)', async () => {
    await member(vault, ALICE);
    await member(vault, BOB);
    await create({ members: [ALICE, BOB], grants: grants('Read') });
    const gone: StepAction = {
      ...{ kind: 'DeleteGroup', key: 'ops', after: null },
      before: { description: '', grants: grants('Read') },
    };
    const own = { record: null, dropRecord: { kind: 'Group', key: 'ops' } } as const;
    expect(await vault.step(gone, own)).toBe('NotReserved');
    await reserve(gone);
    expect(await vault.step(gone, own)).toBe('Done');
    expect(await ops()).toBeUndefined();
    const { ledger, records } = await vault.snapshot();
    expect(ledger).toMatchObject([{ class: 'access', units: 2 }]);
    expect(records.filter(({ kind }) => kind === 'Group')).toEqual([]);
  });

  it('lose nothing while another group or grant gives as much (G1)', async () => {
    await member(vault, ALICE, { grants: [{ project: 'Main', access: 'Read' }] });
    await create({ members: [ALICE], grants: grants('Read') });
    expect(await update({ members: [ALICE], grants: grants('Read') }, {})).toBe('Done');
    expect((await vault.snapshot()).ledger).toEqual([]);
  });

  it('delete none that is not theirs (rail 11)', async () => {
    await boss.ask('POST', at('/groups'), { name: 'ops' });
    const gone = {
      kind: 'DeleteGroup',
      key: 'ops',
      before: { description: '', grants: [] },
      after: null,
    } as const;
    expect(await vault.step(gone)).toBe('Foreign');
  });

  it.each<[string, string, Partial<GroupContent>]>([
    ['who was taken off the list', `/groups/ops/members/${ALICE}`, { members: [ALICE] }],
    ['a grant', '/groups/ops/grants/Main', { grants: grants('Write') }],
  ])('give nothing back that a person took, without the entry: %s (rail 7)', async (_, path, again) => {
    await member(vault, ALICE);
    await create({ members: [ALICE], grants: grants('Write') });
    expect((await boss.ask('DELETE', at(path))).status).toBe(204);
    const { tombstones } = await vault.snapshot();
    expect(tombstones).toMatchObject([{ kind: 'Group', key: 'ops' }]);
    const there = again.members === undefined ? {} : { grants: grants('Write') };
    expect(await update(there, { ...there, ...again })).toBe('Tombstoned');
    expect(await update(there, { ...there, ...again }, { reinstate: tombstones[0]?.entry })).toBe('Done');
    expect((await vault.snapshot()).tombstones).toEqual([]);
  });

  it('make none anew that a person deleted, and a person may (rail 7)', async () => {
    await create({});
    expect((await boss.ask('DELETE', at('/groups/ops'))).status).toBe(204);
    expect(await create({})).toBe('Tombstoned');
    expect((await boss.ask('POST', at('/groups'), { name: 'ops' })).status).toBe(201);
    expect((await vault.snapshot()).tombstones).toEqual([]);
  });

  it('list nobody whom a person removed and invited again, before the entry is named (decision 0021)', async () => {
    await member(vault, BOB);
    await boss.ask('DELETE', at(`/members/${BOB}`));
    await boss.ask('POST', at('/invites'), { emails: [BOB] });
    const [cut] = (await vault.snapshot()).tombstones;
    await create({ grants: grants('Read') });
    const listing = [{ grants: grants('Read') }, { grants: grants('Read'), members: [BOB] }] as const;
    if (cut !== undefined) {
      expect(await update(...listing)).toBe('Tombstoned');
      expect(await update(...listing, { reinstate: cut.entry })).toBe('Done');
    }
    expect(cut).toMatchObject({ kind: 'Member', key: BOB, act: 'Removed' });
  });

  it('keep the name that Git knows it by: a person does not rename it, and says what it is for', async () => {
    await create({});
    expect((await boss.ask('PATCH', at('/groups/ops'), { name: 'other' })).body).toMatchObject({
      code: 'Foreign',
    });
    expect((await boss.ask('PATCH', at('/groups/ops'), { description: 'mine' })).status).toBe(204);
    expect(await ops()).toMatchObject({ description: 'mine' });
  });

  it('on a tier without groups take from those that are there, and give them nothing; people neither (P4)', async () => {
    await member(vault, ALICE);
    await member(vault, BOB);
    await create({ members: [ALICE], grants: grants('Read') });
    await vault.database.edit(`update vaults set plan = 'Free' where id = '${vault.vaultId}'`);
    const now = { grants: grants('Read') };
    expect(await update(now, { ...now, members: [BOB] })).toBe('QuotaReached');
    expect(await update(now, { grants: grants('Write') })).toBe('QuotaReached');
    expect(await vault.step({ kind: 'CreateGroup', key: 'qa', before: null, after: group() })).toBe(
      'QuotaReached',
    );
    for (const [method, path, body] of [
      ['POST', '/groups/ops/members', { emails: [BOB] }],
      ['PUT', '/groups/ops/grants/Main', { access: 'Write' }],
      ['POST', '/groups/ops/duplicate', { name: 'copy' }],
    ] as const) {
      expect((await boss.ask(method, at(path), body)).body).toMatchObject({ code: 'QuotaReached' });
    }
    expect(await update(now, { ...now, description: 'few' })).toBe('Done');
    expect((await boss.ask('DELETE', at(`/groups/ops/members/${ALICE}`))).status).toBe(204);
  });

  it('bring what they changed into the audit log (A2)', async () => {
    await member(vault, ALICE);
    await create({ members: [ALICE] });
    await update({}, { grants: grants('Read') });
    const { body } = await boss.ask('GET', at('/audit?limit=100'));
    const { entries } = body as unknown as { entries: { action: string; details: unknown }[] };
    expect(entries.filter(({ action }) => action.startsWith('group.'))).toMatchObject([
      { action: 'group.created', details: { members: [ALICE], grants: [] } },
      { action: 'group.updated', details: { grants: { before: [], after: grants('Read') } } },
    ]);
  });
});
