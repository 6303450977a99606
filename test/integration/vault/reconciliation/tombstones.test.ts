import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import type { StepAction } from '#model/step.ts';
import {
  acceptInvite,
  access,
  MovedClock,
  record,
  startTestVault,
  type TestVault,
} from '#test/builders/vault.ts';
import type { Act } from '#vault/act/context.ts';
import { disableMachineByPerson, revokeMachineByPerson } from '#vault/machines/machine-state-acts.ts';
import { removeGrantByPerson } from '#vault/members/member-access-acts.ts';
import { removeByPerson, suspendByPerson } from '#vault/members/member-acts.ts';
import { dropMember, memberNamed } from '#vault/members/members.ts';
import { removeCellByPerson } from '#vault/templates/template-acts.ts';

const clock = new MovedClock();
let vault: TestVault;
beforeAll(async () => {
  vault = await startTestVault({ clock });
});
afterAll(async () => {
  await vault[Symbol.asyncDispose]();
});

const byOwner = (work: (act: Act) => Promise<unknown>) => vault.context.act(vault.vaultId, vault.owner, work);
const invite = (key: string, after = access()): StepAction => ({
  kind: 'InviteMember',
  key,
  before: null,
  after,
});

/** Refused until the entry is named; then done, and the tombstone is gone. */
async function expectReinstated(step: StepAction, publicKey?: string): Promise<void> {
  const more = publicKey === undefined ? {} : { publicKey };
  const before = (await vault.snapshot()).tombstones;
  const entry = before.at(-1)?.entry ?? 'none';
  expect(before).toHaveLength(1);
  expect(await vault.step(step, more)).toBe('Tombstoned');
  expect(await vault.step(step, { ...more, reinstate: 'aud_0000000000000000' })).toBe('Tombstoned');
  const [named] = await vault.steps([{ ...more, action: step }]);
  expect(named).toMatchObject({ next: expect.stringContaining(entry) });
  expect(await vault.step(step, { ...more, reinstate: entry })).toBe('Done');
  expect((await vault.snapshot()).tombstones).toEqual([]);
}

describe('rail 7: what a person cut is given back only by naming the entry', () => {
  it('a member that was removed', async () => {
    await vault.step(invite('alice@acme.example'));
    await acceptInvite(vault, 'alice@acme.example');
    await byOwner((act) => removeByPerson(act, 'alice@acme.example'));
    await expectReinstated(invite('alice@acme.example'));
  });

  it('a member that was suspended', async () => {
    await vault.step(invite('bob@acme.example'));
    await acceptInvite(vault, 'bob@acme.example');
    await byOwner((act) => suspendByPerson(act, 'bob@acme.example'));
    const [before, after] = [{ state: 'Suspended' }, { state: 'Active' }] as const;
    await expectReinstated({ kind: 'UnsuspendMember', key: 'bob@acme.example', before, after });
  });

  it('a member that was suspended, and whom Git took out since', async () => {
    const email = 'dora@acme.example';
    await vault.step(invite(email), { record: record('Member', email) });
    await acceptInvite(vault, email);
    await byOwner((act) => suspendByPerson(act, email));
    await byOwner(async (act) => dropMember(act, (await memberNamed(act, email)).row));
    await expectReinstated(invite(email));
  });

  it('a grant that was taken away, and not another one', async () => {
    const main = { project: 'Main', access: 'Read' } as const;
    await vault.step({ kind: 'CreateProject', key: 'other', before: null, after: { description: '' } });
    await vault.step(invite('carol@acme.example', access({ grants: [main] })));
    await byOwner((act) => removeGrantByPerson(act, 'carol@acme.example', 'Main'));
    const other = { project: 'other', access: 'Write' } as const;
    const set = (before: ReturnType<typeof access>, after: ReturnType<typeof access>): StepAction => ({
      kind: 'SetMemberAccess',
      key: 'carol@acme.example',
      before,
      after,
    });
    expect(await vault.step(set(access(), access({ grants: [other] })))).toBe('Done');
    await expectReinstated(set(access({ grants: [other] }), access({ grants: [main, other] })));
  });

  it('a cell that was taken out of a template', async () => {
    const fields = (cells: readonly string[]) => ({
      description: '',
      capabilities: { Machines: cells },
      projectScope: 'All' as const,
    });
    await vault.step({ kind: 'CreateTemplate', key: 'ops', before: null, after: fields(['View', 'Manage']) });
    await byOwner((act) => removeCellByPerson(act, 'ops', 'Machines: Manage'));
    await expectReinstated({
      kind: 'UpdateTemplate',
      key: 'ops',
      before: fields(['View']),
      after: fields(['View', 'Manage']),
    });
  });

  it('a machine that was disabled, and one that was revoked', async () => {
    const register = { kind: 'RegisterMachine', key: 'api', before: null, after: {} } as const;
    await vault.step(register, { publicKey: newKeyPair().publicKey.text });
    await byOwner((act) => disableMachineByPerson(act, 'api'));
    const [before, after] = [{ enabled: false }, { enabled: true }];
    await expectReinstated({ kind: 'EnableMachine', key: 'api', before, after });
    await byOwner((act) => revokeMachineByPerson(act, 'api'));
    await expectReinstated(register, newKeyPair().publicKey.text);
  });

  it('what was cut twice, by naming the newest entry', async () => {
    const [key, email] = ['worker', 'erin@acme.example'];
    const register = { kind: 'RegisterMachine', key, before: null, after: {} } as const;
    await vault.step(register, { publicKey: newKeyPair().publicKey.text });
    await byOwner((act) => disableMachineByPerson(act, key));
    clock.advance(1000);
    await byOwner((act) => revokeMachineByPerson(act, key));
    await vault.step(invite(email));
    await acceptInvite(vault, email);
    await byOwner((act) => suspendByPerson(act, email));
    clock.advance(1000);
    await byOwner((act) => removeByPerson(act, email));

    const entryOf = async (act: string): Promise<string> =>
      (await vault.snapshot()).tombstones.find((one) => one.act === act)?.entry ?? 'none';
    const more = { publicKey: newKeyPair().publicKey.text };
    expect(await vault.step(register, { ...more, reinstate: await entryOf('MachineDisabled') })).toBe(
      'Tombstoned',
    );
    expect(await vault.step(register, { ...more, reinstate: await entryOf('MachineRevoked') })).toBe('Done');
    expect(await vault.step(invite(email), { reinstate: await entryOf('Suspended') })).toBe('Tombstoned');
    expect(await vault.step(invite(email), { reinstate: await entryOf('Removed') })).toBe('Done');
    expect((await vault.snapshot()).tombstones).toEqual([]);
  });
});
