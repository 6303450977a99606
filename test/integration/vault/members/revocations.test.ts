import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { OWNER, record, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { mailsTo } from '../world/outbox.ts';
import { member, owner, type Person } from '../world/people.ts';

describe('access that a person cuts in the vault (rail 7)', () => {
  let vault: TestVault;
  let boss: Person;
  beforeEach(async () => {
    vault = await startTestVault();
    boss = await owner(vault);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const cut = async (method: 'POST' | 'DELETE', path: string): Promise<unknown> => {
    const { status } = await boss.ask(method, `/vaults/${vault.vaultId}${path}`);
    const { tombstones } = await vault.snapshot();
    return [status, tombstones.map(({ kind, key, act, item, actor }) => [kind, key, act, item, actor])];
  };

  it('is a grant: its holder has lost it with the next request', async () => {
    const grants = [{ project: 'Main', access: 'Write' }] as const;
    const alice = await member(vault, 'alice@acme.example', { grants });
    const put = () => alice.ask('PUT', `/vaults/${vault.vaultId}/projects/Main/secrets/s`, { value: 'v' });
    expect((await put()).status).toBe(200);
    expect(await cut('DELETE', '/members/alice@acme.example/grants/Main')).toEqual([
      204,
      [['Member', 'alice@acme.example', 'GrantRemoved', 'Main', 'owner']],
    ]);
    expect((await put()).status).toBe(403);
  });

  it('is a cell of a template (T2)', async () => {
    const after = {
      description: '',
      capabilities: { Secrets: ['Manage', 'View'] },
      projectScope: 'All',
    } as const;
    await vault.step({ kind: 'CreateTemplate', key: 'dev', before: null, after });
    expect(await cut('DELETE', `/templates/dev/cells/${encodeURIComponent('Secrets: Manage')}`)).toEqual([
      204,
      [['PermissionTemplate', 'dev', 'CellRemoved', 'Secrets: Manage', 'owner']],
    ]);
  });

  it('is a member whom Git suspended already: Git alone does not give them back', async () => {
    await member(vault, 'alice@acme.example');
    const [before, after] = [{ state: 'Active' }, { state: 'Suspended' }] as const;
    const key = 'alice@acme.example';
    expect(await vault.step({ kind: 'SuspendMember', key, before, after })).toBe('Done');
    expect(await cut('POST', `/members/${key}/suspend`)).toEqual([
      204,
      [['Member', key, 'Suspended', null, 'owner']],
    ]);
    const unsuspend = { kind: 'UnsuspendMember', key, before: after, after: before } as const;
    expect(await vault.step(unsuspend)).toBe('Tombstoned');
    const again = await boss.ask('POST', `/vaults/${vault.vaultId}/members/${key}/suspend`);
    expect(again).toMatchObject({ status: 422, body: { code: 'Invalid' } });
    const [tombstone] = (await vault.snapshot()).tombstones;
    expect(await vault.step(unsuspend, { reinstate: tombstone?.entry ?? '' })).toBe('Done');
  });

  it('is given back by Git, and who cut it hears of that at once', async () => {
    const key = 'alice@acme.example';
    await member(vault, key);
    await cut('POST', `/members/${key}/suspend`);
    const [before, after] = [{ state: 'Suspended' }, { state: 'Active' }] as const;
    const [tombstone] = (await vault.snapshot()).tombstones;
    const unsuspend = { kind: 'UnsuspendMember', key, before, after } as const;
    expect(await vault.stepUnapproved(unsuspend, { reinstate: tombstone?.entry ?? '' })).toBe(
      'NeedsApproval',
    );
    expect(await mailsTo(vault, OWNER, 'given-back')).toEqual([]);
    expect(await vault.step(unsuspend, { reinstate: tombstone?.entry ?? '' })).toBe('Done');
    const [mail, ...more] = await mailsTo(vault, OWNER, 'given-back');
    expect(more).toEqual([]);
    expect(mail?.text).toContain(`Member ${key}: Suspended on `);
    expect(mail?.text).toContain(tombstone?.entry);
  });

  it('is a machine that Git disabled already: Git alone does not enable it', async () => {
    await newMachine(vault, 'web', []);
    const [on, off] = [{ enabled: true }, { enabled: false }];
    const disable = { kind: 'DisableMachine', key: 'web', before: on, after: off } as const;
    const fence = await vault.fence();
    const body = { fence, class: 'machines', actions: [disable], approval: null };
    expect((await vault.request('POST', '/reservations', body)).status).toBe(200);
    expect(await vault.step(disable, { record: record('MachineBinding', 'web') })).toBe('Done');
    expect(await cut('POST', '/machines/web/disable')).toEqual([
      204,
      [['MachineBinding', 'web', 'MachineDisabled', null, 'owner']],
    ]);
    const enable = { kind: 'EnableMachine', key: 'web', before: off, after: on } as const;
    expect(await vault.step(enable)).toBe('Tombstoned');
    const again = await boss.ask('POST', `/vaults/${vault.vaultId}/machines/web/disable`);
    expect(again).toMatchObject({ status: 422, body: { code: 'Invalid' } });
  });

  it('is a machine, disabled or revoked', async () => {
    const ids = await setValues(vault, { 'web/cookie': 'c' });
    const { client } = await newMachine(vault, 'web', [{ project: 'web', secrets: ['cookie'] }]);
    await client.secret(ids['web/cookie'] ?? '');
    expect(await cut('POST', '/machines/web/disable')).toEqual([
      204,
      [['MachineBinding', 'web', 'MachineDisabled', null, 'owner']],
    ]);
    expect((await client.send('GET', '/v1/secrets')).status).toBe(403);
    expect(await cut('DELETE', '/machines/web')).toEqual([
      204,
      expect.arrayContaining([['MachineBinding', 'web', 'MachineRevoked', null, 'owner']]),
    ]);
    expect((await client.send('GET', '/v1/secrets')).status).toBe(401);
  });
});
