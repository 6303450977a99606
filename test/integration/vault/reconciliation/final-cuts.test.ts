import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StepAction } from '#model/step.ts';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { access, MovedClock, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { mailsTo } from '../world/outbox.ts';
import { member, owner, type Person } from '../world/people.ts';

const BOB = 'bob@acme.example';
const [active, suspended] = [{ state: 'Active' }, { state: 'Suspended' }] as const;
const UNSUSPEND: StepAction = { kind: 'UnsuspendMember', key: BOB, before: suspended, after: active };
const INVITE: StepAction = { kind: 'InviteMember', key: BOB, before: null, after: access() };

describe('a cut that a person makes final (rail 7)', () => {
  let vault: TestVault;
  let boss: Person;
  const clock = new MovedClock();
  beforeEach(async () => {
    vault = await startTestVault({ clock });
    boss = await owner(vault);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;
  const final = (entry: string, by = boss) => by.ask('PUT', at(`/cuts/${entry}/final`));
  const lift = (entry: string, by = boss) => by.ask('DELETE', at(`/cuts/${entry}/final`));
  const tombstones = async () => (await vault.snapshot()).tombstones;
  const entryOf = async (act: string): Promise<string> =>
    (await tombstones()).find((one) => one.act === act)?.entry ?? `no ${act}`;
  const templateOf = (key: string, capabilities: Record<string, string[]>) =>
    vault.step({
      ...{ kind: 'CreateTemplate', key, before: null },
      after: { description: '', capabilities, projectScope: 'All' },
    });
  const suspendBob = async (): Promise<string> => {
    await member(vault, BOB);
    expect((await boss.ask('POST', at(`/members/${BOB}/suspend`))).status).toBe(204);
    return entryOf('Suspended');
  };

  it('is given back by no step that names the entry, with an approval or without, until it is lifted', async () => {
    const entry = await suspendBob();
    expect((await tombstones())[0]).toMatchObject({ final: false });
    expect((await final(entry)).status).toBe(204);
    expect((await tombstones())[0]).toMatchObject({ entry, final: true });
    const [approved, unapproved] = [
      await vault.stepsUnapproved([
        { action: UNSUSPEND, reinstate: entry, approval: await vault.approved([UNSUSPEND]) },
      ]),
      await vault.stepsUnapproved([{ action: UNSUSPEND, reinstate: entry }]),
    ];
    for (const answers of [approved, unapproved]) {
      expect(answers).toMatchObject([
        {
          code: 'Tombstoned',
          message: expect.stringContaining('that is final'),
          next: expect.stringContaining(
            `an admin or the owner lifts it first: seneschal vault cut lift ${entry}`,
          ),
        },
      ]);
    }
    expect(await mailsTo(vault, 'owner@acme.example', 'given-back')).toEqual([]);
    expect((await lift(entry)).status).toBe(204);
    expect(await vault.step(UNSUSPEND, { reinstate: entry })).toBe('Done');
    expect(await tombstones()).toEqual([]);
    expect(await mailsTo(vault, 'owner@acme.example', 'given-back')).toHaveLength(1);
  });

  it('stands under a newer cut of the same thing that Git names', async () => {
    const entry = await suspendBob();
    await final(entry);
    clock.advance(1000);
    await boss.ask('DELETE', at(`/members/${BOB}`));
    const removed = await entryOf('Removed');
    expect(await vault.step(INVITE, { reinstate: removed })).toBe('Tombstoned');
    await lift(entry);
    expect(await vault.step(INVITE, { reinstate: removed })).toBe('Done');
  });

  it('keeps a group from listing whom a person removed for good', async () => {
    await member(vault, BOB);
    await boss.ask('DELETE', at(`/members/${BOB}`));
    const entry = await entryOf('Removed');
    await final(entry);
    await boss.ask('POST', at('/invites'), { emails: [BOB] });
    const after = { description: '', members: [BOB], grants: [] };
    const create: StepAction = { kind: 'CreateGroup', key: 'ops', before: null, after };
    expect(await vault.step(create, { reinstate: entry })).toBe('Tombstoned');
    await lift(entry);
    expect(await vault.step(create, { reinstate: entry })).toBe('Done');
  });

  it('is over with what a person gives back themselves', async () => {
    const entry = await suspendBob();
    await final(entry);
    expect((await boss.ask('POST', at(`/members/${BOB}/unsuspend`))).status).toBe(204);
    expect(await tombstones()).toEqual([]);
    expect(await final(entry)).toMatchObject({ status: 404, body: { code: 'NotFound' } });
  });

  it('takes the cell of such a cut, and is lifted by admins who hold it, and by the owner', async () => {
    await templateOf('guards', { Organization: ['Suspend'] });
    await vault.step({ kind: 'CreateProject', key: 'web', before: null, after: { description: '' } });
    const grants = [{ project: 'web', access: 'Read' }] as const;
    const plain = await member(vault, 'plain@acme.example', { grants });
    const guard = await member(vault, 'guard@acme.example', { template: 'guards' });
    const admin = await member(vault, 'admin@acme.example', { role: 'Admin' });
    const both = await member(vault, 'both@acme.example', { role: 'Admin', template: 'guards' });
    const entry = await suspendBob();
    for (const by of [plain, admin]) expect((await final(entry, by)).status, by.email).toBe(403);
    expect((await final(entry, guard)).status).toBe(204);
    for (const by of [plain, guard, admin]) expect((await lift(entry, by)).status, by.email).toBe(403);
    expect((await lift(entry, both)).status).toBe(204);
    await boss.ask('DELETE', at('/members/plain@acme.example/grants/web'));
    const grant = await entryOf('GrantRemoved');
    expect((await final(grant, guard)).status).toBe(403);
    expect((await final(grant, admin)).status).toBe(204);
    expect((await lift(grant, admin)).status).toBe(204);
    await boss.ask('PUT', at('/members/both@acme.example/role'), { role: 'Member' });
    expect((await final(await entryOf('RoleLowered'), admin)).status).toBe(403);
    expect((await final(await entryOf('RoleLowered'))).status).toBe(204);
  });

  it('has an entry of the audit log when it is made and when it is lifted, and none where it is so already', async () => {
    const entry = await suspendBob();
    for (const ask of [final, final, lift, lift]) expect((await ask(entry)).status).toBe(204);
    const { body } = await boss.ask<{ entries: { action: string }[] }>('GET', at('/audit?limit=500'));
    expect(body.entries.filter(({ action }) => action.startsWith('cut.'))).toMatchObject([
      {
        action: 'cut.made-final',
        actor: { type: 'member', name: 'owner' },
        subject: { kind: 'Cut', key: entry },
        details: { count: 1, cuts: [{ kind: 'Member', key: BOB, act: 'Suspended', item: null }] },
      },
      { action: 'cut.lifted', subject: { kind: 'Cut', key: entry } },
    ]);
  });

  it('of a secret of a machine outlasts a later cut of its project', async () => {
    await setValues(vault, { 'web/cookie': 'c', 'web/token': 't' });
    const all = [{ project: 'web', secrets: ['cookie', 'token'] }];
    await newMachine(vault, 'api', all);
    const give = (access: typeof all) => boss.ask('PUT', at('/machines/api/access'), { access });
    expect((await give([{ project: 'web', secrets: ['cookie'] }])).status).toBe(204);
    await final(await entryOf('GrantRemoved'));
    clock.advance(1000);
    expect((await give([])).status).toBe(204);
    expect((await tombstones()).map(({ item, final: is }) => [item, is])).toEqual([
      ['web/token', true],
      ['web', false],
    ]);
    const project = (await tombstones()).find(({ item }) => item === 'web')?.entry ?? '';
    const set = (after: typeof all): StepAction => ({
      ...{ kind: 'SetMachineAccess', key: 'api', before: { access: [] }, after: { access: after } },
    });
    expect(await vault.step(set(all), { reinstate: project })).toBe('Tombstoned');
    expect(await vault.step(set([{ project: 'web', secrets: ['cookie'] }]), { reinstate: project })).toBe(
      'Done',
    );
  });

  it('by the deletion of a project outlasts its restore, which gives nobody access', async () => {
    await vault.step({ kind: 'CreateProject', key: 'web', before: null, after: { description: '' } });
    const grants = [{ project: 'web', access: 'Read' }] as const;
    await member(vault, BOB, { grants });
    await boss.ask('DELETE', at('/projects/web?confirm=web'));
    const entry = await entryOf('GrantRemoved');
    await final(entry);
    const { body } = await boss.ask<{ items: { id: string }[] }>('GET', at('/trash'));
    expect((await boss.ask('POST', at(`/trash/${body.items[0]?.id}/restore`), {})).status).toBe(200);
    const set: StepAction = {
      ...{ kind: 'SetMemberAccess', key: BOB, before: access(), after: access({ grants: [...grants] }) },
    };
    expect(await vault.step(set, { reinstate: entry })).toBe('Tombstoned');
    await lift(entry);
    expect(await vault.step(set, { reinstate: entry })).toBe('Done');
  });

  it('is about what was cut alone: another way to the same is judged by itself', async () => {
    const grants = [{ project: 'Main', access: 'Read' }] as const;
    await member(vault, BOB, { grants });
    await boss.ask('DELETE', at(`/members/${BOB}/grants/Main`));
    await final(await entryOf('GrantRemoved'));
    const after = { description: '', members: [BOB], grants: [...grants] };
    expect(await vault.step({ kind: 'CreateGroup', key: 'ops', before: null, after })).toBe('Done');
  });

  it('is listed with the cuts that stand, newest first, a page at a time', async () => {
    const entry = await suspendBob();
    await final(entry);
    clock.advance(1000);
    await boss.ask('DELETE', at(`/members/${BOB}`));
    interface Listed {
      readonly cuts: readonly { readonly act: string; readonly final: boolean }[];
      readonly next: string | null;
    }
    const seen: Listed['cuts'][number][] = [];
    for (let next: string | null = ''; next !== null; ) {
      const cursor: string = next === '' ? '' : `&cursor=${next}`;
      const { body } = await boss.ask<Listed>('GET', at(`/cuts?limit=1${cursor}`));
      seen.push(...body.cuts);
      next = body.next;
    }
    expect(seen.map(({ act, final: is }) => [act, is])).toEqual([
      ['Removed', false],
      ['Suspended', true],
    ]);
  });
});
