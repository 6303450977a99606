import { beforeEach, describe, expect, it } from 'vitest';
import type { Json, ManagedRecord } from '#model/record.ts';
import type { StepAction } from '#model/step.ts';
import type { StepRequest } from '#protocol/management.ts';
import {
  acceptInvite,
  access,
  type MovedClock,
  OTHER_MANAGER,
  record,
  type TestVault,
} from '#test/builders/vault.ts';
import { ownedVault } from '../world/owned-vault.ts';
import type { Person } from '../world/people.ts';

const ANN = 'ann@acme.example';
const MONTH = 30 * 24 * 60 * 60 * 1000;
const GENERATED = { generator: { length: 16, charset: 'Hex' } } as const;

const renaming = (from: string, to: string): StepAction => ({
  ...{ kind: 'RenameProject', key: to },
  ...{ before: { name: from }, after: { name: to } },
});
const creating = (key: string): StepAction => ({
  ...{ kind: 'CreateProject', key },
  ...{ before: null, after: { description: '' } },
});
const from = (origin: string, key: string): ManagedRecord => ({ ...record('Project', key), origin });

describe('a project under another name (P2)', () => {
  let vault: TestVault;
  let clock: MovedClock;
  let boss: Person;
  const said = async (action: StepAction, more: Partial<StepRequest> = {}) => {
    const [answer] = await vault.stepsUnapproved([{ action, ...more }]);
    return answer?.status === 'Refused' ? answer.code : answer?.status;
  };

  beforeEach(async () => {
    ({ vault, clock, boss } = await ownedVault());
    await vault.step(creating('payments'), { record: record('Project', 'payments') });
    const secret = { kind: 'CreateSecret', key: 'payments/key', before: null, after: GENERATED } as const;
    await vault.step(secret, { record: record('Project', 'payments') });
    const template = { description: '', capabilities: {}, projectScope: ['payments'] };
    const granted = access({ grants: [{ project: 'payments', access: 'Read' }] });
    const { grants, ...member } = granted;
    const applied = { member: { ...member, state: 'Active' }, grants } as unknown as Json;
    await vault.step(
      { kind: 'CreateTemplate', key: 'devs', before: null, after: template },
      { record: record('PermissionTemplate', 'devs', template) },
    );
    await vault.step(
      { kind: 'InviteMember', key: ANN, before: null, after: granted },
      { record: record('Member', ANN, applied) },
    );
    await acceptInvite(vault, ANN);
  });

  it('keeps its id, its secrets and who has access, and what records say of it goes by the new name', async () => {
    const before = await vault.snapshot();
    expect(await said(renaming('payments', 'billing'), { record: record('Project', 'billing') })).toBe(
      'Done',
    );
    const after = await vault.snapshot();
    const called = <T extends { readonly name: string }>(items: readonly T[]) =>
      items.map((item) => (item.name === 'payments' ? { ...item, name: 'billing' } : item));
    expect(after.projects).toEqual(called(before.projects).sort((a, b) => (a.name < b.name ? -1 : 1)));
    expect(after.secrets).toEqual([{ ...before.secrets[0], project: 'billing' }]);
    expect(after.members[0]?.grants).toEqual([{ project: 'billing', access: 'Read' }]);
    expect(after.templates[0]?.projectScope).toEqual(['billing']);
    expect(after.records).toMatchObject([
      { key: ANN, applied: { grants: [{ project: 'billing' }] } },
      { key: 'devs', applied: { projectScope: ['billing'] } },
      { kind: 'Project', key: 'billing', renamedFrom: 'payments' },
    ]);
    const { entries } = (
      await boss.ask<{ entries: readonly { readonly action: string }[] }>(
        'GET',
        `/vaults/${vault.vaultId}/audit?limit=500`,
      )
    ).body;
    const entry = entries.find(({ action }) => action === 'project.updated');
    expect(entry).toMatchObject({
      ...{ action: 'project.updated', subject: { kind: 'Project', key: 'billing' } },
      details: { renamedFrom: 'payments' },
    });
  });

  it('stays cut where a person cut something in it (rail 7)', async () => {
    await boss.ask('DELETE', `/vaults/${vault.vaultId}/members/${ANN}/grants/payments`);
    const [before] = (await vault.snapshot()).tombstones;
    expect(before).toMatchObject({ act: 'GrantRemoved', item: 'payments' });
    await said(renaming('payments', 'billing'), { record: record('Project', 'billing') });
    expect((await vault.snapshot()).tombstones).toEqual([{ ...before, item: 'billing' }]);
    const again: StepAction = {
      ...{ kind: 'SetMemberAccess', key: ANN, before: access() },
      after: access({ grants: [{ project: 'billing', access: 'Read' }] }),
    };
    expect(await said(again)).toBe('Tombstoned');
  });

  it('is renamed where it came from, by the manager that has it', async () => {
    const action = renaming('payments', 'billing');
    expect(await said(action, { record: from('team', 'billing') })).toBe('Foreign');
    expect(await said(action)).toBe('Invalid');
    expect(await said(action, { record: record('Project', 'payments') })).toBe('Invalid');
    await vault.request('DELETE', '/lease', await vault.fence());
    const fence = await vault.lease(OTHER_MANAGER, 'other');
    const theirs = { ...record('Project', 'billing'), manager: OTHER_MANAGER };
    const [answer] = await vault.stepsUnapproved([{ action, record: theirs }], { fence });
    expect(answer).toMatchObject({ status: 'Refused', code: 'Foreign' });
    expect((await vault.snapshot()).projects.map(({ name }) => name)).toContain('payments');
  });

  it('takes no name of something that is there, and none that is managed', async () => {
    await vault.step(creating('there'));
    await vault.step(creating('ours'), { record: record('Project', 'ours') });
    expect(await said(renaming('payments', 'there'), { record: record('Project', 'there') })).toBe(
      'NameTaken',
    );
    expect(await said(renaming('payments', 'ours'), { record: record('Project', 'ours') })).toBe('NameTaken');
  });

  it('is not renamed while another manager names it', async () => {
    await vault.request('DELETE', '/lease', await vault.fence());
    const fence = await vault.lease(OTHER_MANAGER, 'other');
    const grants = [{ project: 'payments', access: 'Read' as const }];
    const invite = {
      kind: 'InviteMember',
      key: 'bob@acme.example',
      before: null,
      after: access({ grants }),
    } as const;
    const theirs = {
      ...record('Member', 'bob@acme.example', { grants } as unknown as Json),
      manager: OTHER_MANAGER,
    };
    await vault.steps([{ action: invite, record: theirs }], { fence });
    await vault.request('DELETE', '/lease', fence);
    const ours = await vault.lease('acme/acme', 'installation-1');
    const action = renaming('payments', 'billing');
    const [answer] = await vault.stepsUnapproved([{ action, record: record('Project', 'billing') }], {
      fence: ours,
    });
    expect(answer).toMatchObject({ status: 'Refused', code: 'RenameReferenced' });
  });

  describe('and the name that it had', () => {
    beforeEach(() => said(renaming('payments', 'billing'), { record: record('Project', 'billing') }));

    it('is for 30 days that of its origin alone, which may declare it anew', async () => {
      expect(await said(creating('payments'), { record: from('team', 'payments') })).toBe('NameKept');
      expect(await said(creating('payments'))).toBe('NameKept');
      expect(await said(creating('payments'), { record: record('Project', 'payments') })).toBe('Done');
    });

    it('is nobody else’s either where a person makes something of that name: nobody adopts it', async () => {
      await boss.ask('POST', `/vaults/${vault.vaultId}/projects`, { name: 'payments' });
      const claim: StepAction = {
        ...{ kind: 'Claim', key: 'Project/payments', before: null },
        after: { kind: 'Project', applied: {} },
      };
      expect(await said(claim, { record: from('team', 'payments') })).toBe('NameKept');
    });

    it('is not taken by a rename either', async () => {
      await vault.step(creating('theirs'), { record: from('team', 'theirs') });
      expect(await said(renaming('theirs', 'payments'), { record: from('team', 'payments') })).toBe(
        'NameKept',
      );
      expect(await said(renaming('billing', 'payments'), { record: record('Project', 'payments') })).toBe(
        'Done',
      );
    });

    it('is anybody’s after that', async () => {
      clock.advance(MONTH);
      await vault.lease('acme/acme', 'installation-1');
      expect(await said(creating('payments'), { record: from('team', 'payments') })).toBe('Done');
    });
  });
});
