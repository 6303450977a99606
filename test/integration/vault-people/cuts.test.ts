import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newMachine, setValues } from '../../builders/machine.ts';
import { startTestVault, type TestVault } from '../../builders/vault.ts';
import { member, owner, type Person } from './people.ts';

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
