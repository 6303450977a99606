import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { startTestVault, type TestVault } from '#test/builders/vault.ts';
import { member, owner } from '../world/people.ts';

describe('values as people bring them in (V8)', () => {
  let vault: TestVault;
  beforeEach(async () => {
    vault = await startTestVault();
    await setValues(vault, { 'payments/first': '1', 'web/first': '1' });
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const secret = (project: string, name: string): string =>
    `/vaults/${vault.vaultId}/projects/${project}/secrets/${encodeURIComponent(name)}`;

  it('make a version each, which machines read', async () => {
    const boss = await owner(vault);
    const one = await boss.ask<{ id: string }>('PUT', secret('web', 'my key'), { value: ' spaces\nkept ' });
    expect(one).toMatchObject({ status: 200, body: { id: expect.stringMatching(/^sk_/), version: 1 } });
    const { client } = await newMachine(vault, 'web', [{ project: 'web', secrets: ['my key'] }]);
    expect(await client.secret(one.body.id)).toBe(' spaces\nkept ');
    const fields = [
      { name: 'user', value: 'u' },
      { name: 'key', value: 'k' },
    ];
    expect((await boss.ask('PUT', secret('web', 'my key'), { fields })).body).toEqual({
      id: one.body.id,
      version: 2,
    });
    expect(await client.secret(one.body.id)).toBe('{"user":"u","key":"k"}');
  });

  it('are text: half of a surrogate pair, or what is no UTF-8, is refused and nothing is stored', async () => {
    const boss = await owner(vault);
    const versions = () =>
      vault.context.reader.selectFrom('secret_versions').select(['secret_id', 'version']).execute();
    const before = await versions();
    const refusal = (what: string) => ({
      status: 422,
      body: { code: 'Invalid', detail: `${what} contains half of a surrogate pair, which is no text.` },
    });
    for (const value of ['\ud83d', 'a\ude00b', '\ude00\ud83d']) {
      expect(await boss.ask('PUT', secret('web', 'first'), { value })).toMatchObject(refusal('The value'));
      const fields = [{ name: 'key', value }];
      expect(await boss.ask('PUT', secret('web', 'first'), { fields })).toMatchObject(
        refusal('The value of the field key'),
      );
    }
    const latin1 = Buffer.from('{"value":"caf\u00e9"}', 'latin1');
    const answer = await fetch(`${vault.url}/api/v1${secret('web', 'first')}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${boss.token}`, 'content-type': 'application/json' },
      body: latin1,
    });
    expect([answer.status, (await answer.json()) as object]).toMatchObject([
      400,
      { code: 'InvalidRequest', detail: 'The body is not UTF-8.' },
    ]);
    expect(await versions()).toEqual(before);
    expect((await boss.ask('PUT', secret('web', 'first'), { value: '\ud83d\ude00' })).status).toBe(200);
  });

  it('move the secret revision, and the configuration only where a secret is new (V1)', async () => {
    const boss = await owner(vault);
    const before = await vault.snapshot();
    await boss.ask('PUT', secret('web', 'first'), { value: '2' });
    const { revision, secrets } = await vault.changes(`since=${before.revision}&secretsSince=0&wait=0`);
    expect(revision).toBe(before.revision);
    expect(secrets.map(({ version }) => version).sort()).toEqual([1, 2]);
    await boss.ask('PUT', secret('web', 'second'), { value: '1' });
    expect((await vault.snapshot()).revision).toBe(before.revision + 1);
  });

  it('take Secrets: Manage in that project (T3, G1)', async () => {
    const alice = await member(vault, 'alice@acme.example', {
      grants: [
        { project: 'payments', access: 'Read' },
        { project: 'web', access: 'Write' },
      ],
    });
    expect((await alice.ask('PUT', secret('web', 'first'), { value: '2' })).status).toBe(200);
    expect(await alice.ask('PUT', secret('payments', 'first'), { value: '2' })).toMatchObject({
      status: 403,
      body: { code: 'Forbidden' },
    });
    const bob = await member(vault, 'bob@acme.example');
    const listed = async (person: typeof bob) =>
      (await person.ask<{ secrets: { project: string }[] }>('GET', `/vaults/${vault.vaultId}/secrets`)).body
        .secrets;
    expect((await listed(alice)).map(({ project }) => project)).toEqual(['payments', 'web']);
    expect(await listed(bob)).toEqual([]);
  });

  it('are never answered to people: the list has metadata alone', async () => {
    const boss = await owner(vault);
    await boss.ask('PUT', secret('web', 'first'), { value: 'planted' });
    const { body } = await boss.ask('GET', `/vaults/${vault.vaultId}/secrets`);
    expect(body).toMatchObject({
      secrets: [
        { project: 'payments', name: 'first', version: 1, fieldNames: null },
        { project: 'web', name: 'first', version: 2, fieldNames: null },
      ],
    });
    expect(JSON.stringify(body)).not.toContain('planted');
  });

  it('are refused where project, field or size is wrong, and 503 where the server is sealed (V5)', async () => {
    const boss = await owner(vault);
    const put = async (path: string, body: object) => (await boss.ask('PUT', path, body)).status;
    expect(await put(secret('nowhere', 'a'), { value: '1' })).toBe(404);
    expect(await put(secret('web', 'a'), {})).toBe(400);
    expect(await put(secret('web', 'a'), { value: '1', fields: [] })).toBe(400);
    const twice = { name: 'a', value: '1' };
    expect(await put(secret('web', 'a'), { fields: [twice, twice] })).toBe(422);
    expect(await put(secret('web', 'a'), { value: 'x'.repeat(256 * 1024 + 1) })).toBe(400);
    expect(await put(secret('web', 'a'), { value: 'x'.repeat(3 * 1024 * 1024) })).toBe(413);
    await vault.restart(null);
    expect(await put(secret('web', 'a'), { value: '1' })).toBe(503);
  });
});
