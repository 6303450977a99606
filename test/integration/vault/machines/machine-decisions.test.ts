import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { record, send, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { member, owner, type Person } from '../world/people.ts';

const ACCESS = [{ project: 'web', secrets: ['cookie'] }];

describe('a key that comes to a machine before it is decided what the machine reads (H1)', () => {
  let vault: TestVault;
  let boss: Person;
  let eve: Person;
  let home: string;
  beforeEach(async () => {
    vault = await startTestVault();
    home = `/vaults/${vault.vaultId}`;
    boss = await owner(vault);
    await setValues(vault, { 'web/cookie': 'c1', 'db/password': 'p1' });
    const capabilities = { Machines: ['View', 'Manage'] };
    const after = { description: '', capabilities, projectScope: 'All' } as const;
    const template = { kind: 'CreateTemplate', key: 'machinist', before: null, after } as const;
    expect(await vault.step(template, { record: record('PermissionTemplate', 'machinist') })).toBe('Done');
    eve = await member(vault, 'eve@acme.example', { template: 'machinist' });
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  /** A machine that waits for approval; answers the fingerprint of its key. */
  const waiting = async (): Promise<string> => {
    const { body } = await boss.ask<{ token: string }>('POST', `${home}/bootstrap-tokens`, { name: 'api' });
    const { publicKey } = newKeyPair();
    const { status } = await send(
      vault.server.port,
      'POST',
      '/v1/bootstrap/register',
      JSON.stringify({ token: body.token, publicKey: publicKey.text, hostname: 'api' }),
      { 'content-type': 'application/json' },
    );
    expect(status).toBe(200);
    return publicKey.fingerprint;
  };
  const key = (by: Person, body: object = {}) => by.ask('POST', `${home}/machines/api/keys`, body);
  const approve = (body?: object) => boss.ask('POST', `${home}/machines/api/approve`, body);
  const grant = (more: object = {}) =>
    boss.ask('PUT', `${home}/machines/api/access`, { access: ACCESS, ...more });

  it('is refused while the machine waits for approval, whoever brings it', async () => {
    await waiting();
    expect(await key(eve)).toMatchObject({ status: 403, body: { code: 'Forbidden' } });
    expect(await key(boss)).toMatchObject({ status: 422, body: { code: 'Invalid' } });
    expect((await approve()).status).toBe(204);
    expect((await key(boss)).status).toBe(201);
  });

  it('is refused to automation while the machine waits for approval', async () => {
    const fingerprint = await waiting();
    const { publicKey } = newKeyPair();
    const step = {
      kind: 'AddMachineKey',
      key: 'api',
      before: { fingerprints: [fingerprint] },
      after: { fingerprint: publicKey.fingerprint },
    } as const;
    const more = { publicKey: publicKey.text, record: record('MachineBinding', 'api') };
    expect(await vault.step(step, more)).toBe('Invalid');
  });

  it('takes Secrets: Manage in a project where the machine is in none yet', async () => {
    await newMachine(vault, 'api');
    expect(await key(eve)).toMatchObject({ status: 403, body: { code: 'Forbidden' } });
    const grants = [{ project: 'web', access: 'Write' }] as const;
    const mel = await member(vault, 'mel@acme.example', { template: 'machinist', grants });
    expect((await key(mel)).status).toBe(201);
  });

  it('undoes an approval that was decided on the keys before', async () => {
    const fingerprint = await waiting();
    const other = newKeyPair().publicKey.fingerprint;
    expect(await approve({ fingerprints: [other] })).toMatchObject({
      status: 409,
      body: { code: 'StaleBefore' },
    });
    expect((await approve({ fingerprints: [fingerprint] })).status).toBe(204);
  });

  it('undoes a grant that was decided on the keys before', async () => {
    const { keys } = await newMachine(vault, 'api');
    const fingerprints = [keys.publicKey.fingerprint];
    const second = newKeyPair().publicKey;
    expect((await key(boss, { publicKey: second.text })).status).toBe(201);
    expect(await grant({ fingerprints })).toMatchObject({ status: 409, body: { code: 'StaleBefore' } });
    expect((await grant({ fingerprints: [second.fingerprint, ...fingerprints] })).status).toBe(204);
    expect((await grant()).status).toBe(204);
  });
});
