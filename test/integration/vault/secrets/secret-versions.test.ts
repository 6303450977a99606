import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { MovedClock, record, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { member, owner, type Person } from '../world/people.ts';

interface Version {
  readonly version: number;
  readonly isCurrent: boolean;
  readonly origin: string;
  readonly rolledBackTo: number | null;
  readonly fieldNames: readonly string[] | null;
  readonly bytes: number;
  readonly createdBy: string | null;
}

describe('versions of a secret (V8)', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let boss: Person;
  let id: string;
  beforeEach(async () => {
    clock = new MovedClock();
    vault = await startTestVault({ clock });
    id = (await setValues(vault, { 'web/key': 'first' }))['web/key'] ?? '';
    boss = await owner(vault);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const secret = (name: string): string => `/vaults/${vault.vaultId}/projects/web/secrets/${name}`;
  const versions = async (name = 'key'): Promise<Version[]> =>
    (await boss.ask<{ versions: Version[] }>('GET', `${secret(name)}/versions`)).body.versions;
  const rollBack = (version: number, by = boss) => by.ask('POST', `${secret('key')}/rollback`, { version });
  const revisions = async () => {
    const { revision } = await vault.snapshot();
    const { volatile } = await vault.changes(`since=${revision}&secretsSince=0&wait=0`);
    return { revision, secretRevision: volatile.secretRevision };
  };

  it('are listed with what is known of them, and no value', async () => {
    const fields = [
      { name: 'user', value: 'ü' },
      { name: 'key', generator: { length: 20, charset: 'Hex' } },
    ];
    await boss.ask('PUT', secret('key'), { fields });
    await boss.ask('PUT', secret('key'), { value: 'third' });
    expect(await versions()).toMatchObject([
      { version: 3, isCurrent: true, origin: 'Set', fieldNames: null, bytes: 5, createdBy: 'owner' },
      { version: 2, isCurrent: false, origin: 'Generated', fieldNames: ['user', 'key'] },
      { version: 1, isCurrent: false, origin: 'Set', fieldNames: null, bytes: 5 },
    ]);
    const { body } = await boss.ask('GET', `${secret('key')}/versions`);
    expect(JSON.stringify(body)).not.toMatch(/first|third|ü/);
  });

  it('are made by the server on demand: random, of the length and characters asked for', async () => {
    const path = `/vaults/${vault.vaultId}/projects/web/secrets`;
    const content = { generator: { length: 40, charset: 'Hex' } };
    const made = await boss.ask<{ id: string }>('POST', path, { name: 'made', content });
    expect(made).toMatchObject({ status: 201, body: { version: 1 } });
    const { client } = await newMachine(vault, 'web', [{ project: 'web', secrets: ['made'] }]);
    const read = async () =>
      (
        (await client.send('GET', `/v1/secret/${made.body.id}`, undefined, { now: clock.now() })).body as {
          value: string;
        }
      ).value;
    const first = await read();
    expect(first).toMatch(/^[0-9a-f]{40}$/);
    await boss.ask('PUT', secret('made'), content);
    expect(await read()).toMatch(/^[0-9a-f]{40}$/);
    expect(await read()).not.toBe(first);
  });

  it('begin where no secret of that name is: a second one is refused', async () => {
    const path = `/vaults/${vault.vaultId}/projects/web/secrets`;
    expect(await boss.ask('POST', path, { name: 'key', content: { value: '2' } })).toMatchObject({
      status: 409,
      body: { code: 'NameTaken' },
    });
    expect(await versions()).toHaveLength(1);
  });

  it('go back by going on: the old value is the next version, which a poll tells', async () => {
    const { client } = await newMachine(vault, 'web', [{ project: 'web', secrets: ['key'] }]);
    const send = (method: 'GET' | 'POST', path: string, body?: string) =>
      client.send(method, path, body, { now: clock.now() });
    await boss.ask('PUT', secret('key'), { value: 'second' });
    expect((await send('GET', `/v1/secret/${id}`)).body).toEqual({ value: 'second' });
    expect(await rollBack(1)).toMatchObject({ status: 200, body: { id, version: 3 } });
    const polled = await send('POST', '/v1/secrets/poll', JSON.stringify({ watch: [id] }));
    expect(polled.body).toEqual({ changes: { [id]: { status: 'changed' } } });
    expect((await send('GET', `/v1/secret/${id}`)).body).toEqual({ value: 'first' });
    expect((await versions())[0]).toMatchObject({ version: 3, origin: 'Rollback', rolledBackTo: 1 });
  });

  it('come back with the fields that they had, under a data key of their own (V5)', async () => {
    await boss.ask('PUT', secret('key'), { fields: [{ name: 'user', value: 'u' }] });
    await boss.ask('PUT', secret('key'), { value: 'plain' });
    await rollBack(2);
    const { client } = await newMachine(vault, 'web', [{ project: 'web', secrets: ['key'] }]);
    const { body } = await client.send('POST', '/v1/secrets/export', undefined, { now: clock.now() });
    expect(body).toMatchObject({ secrets: [{ value: '{"user":"u"}', fieldNames: 'user' }] });
    const rows = await vault.context.reader.selectFrom('secret_versions').select('sealed').execute();
    expect(new Set(rows.map(({ sealed }) => sealed)).size).toBe(4);
  });

  it('move the secret revision, and the configuration where the fields change (V1)', async () => {
    await boss.ask('PUT', secret('key'), { value: 'second' });
    const before = await revisions();
    await rollBack(1);
    const rolled = await revisions();
    expect(rolled).toEqual({
      revision: before.revision,
      secretRevision: before.secretRevision + 1,
    });
    await boss.ask('PUT', secret('key'), { fields: [{ name: 'user', value: 'u' }] });
    expect(await revisions()).toEqual({
      revision: before.revision + 1,
      secretRevision: before.secretRevision + 2,
    });
    expect((await vault.snapshot()).secrets).toMatchObject([{ id, fieldNames: ['user'] }]);
  });

  it('that are not there, or are current, are refused with the next step', async () => {
    expect(await rollBack(1)).toMatchObject({ status: 422, body: { code: 'Invalid' } });
    expect(await rollBack(7)).toMatchObject({ status: 404, body: { next: 'List its versions.' } });
    expect(await rollBack(0)).toMatchObject({ status: 400 });
    expect((await boss.ask('GET', `${secret('none')}/versions`)).status).toBe(404);
  });

  it('answer metadata from a sealed server, and 503 where a value is concerned (V5)', async () => {
    await boss.ask('PUT', secret('key'), { value: 'second' });
    await vault.restart(null);
    boss = await owner(vault);
    expect(await versions()).toHaveLength(2);
    expect(await rollBack(1)).toMatchObject({ status: 503, body: { code: 'Sealed' } });
    expect(await versions()).toHaveLength(2);
  });

  it('are audited with their numbers and no value (A1)', async () => {
    await boss.ask('PUT', secret('key'), { value: 'planted' });
    await rollBack(1);
    const rows = await vault.context.reader.selectFrom('audit_entries').select(['action', 'entry']).execute();
    const entry = rows.find(({ action }) => action === 'secret.rolled-back')?.entry ?? '{}';
    expect(JSON.parse(entry)).toMatchObject({
      actor: { name: 'owner' },
      subject: { kind: 'Secret', key: 'web/key' },
      details: { id, version: 3, from: 2, to: 1 },
    });
    expect(rows.map((row) => row.entry).join()).not.toMatch(/planted|first/);
  });

  it('take Secrets: View to list and Secrets: Manage to roll back, in that project (T3)', async () => {
    await boss.ask('PUT', secret('key'), { value: 'second' });
    const reads = await member(vault, 'reads@acme.example', { grants: [{ project: 'web', access: 'Read' }] });
    const outside = await member(vault, 'outside@acme.example');
    expect((await reads.ask('GET', `${secret('key')}/versions`)).status).toBe(200);
    expect((await rollBack(1, reads)).status).toBe(403);
    expect((await outside.ask('GET', `${secret('key')}/versions`)).status).toBe(403);
  });

  describe('under another name', () => {
    const rename = (to: string) => boss.ask('PATCH', secret('key'), { name: to });

    it('keep their machine, which sees the new name', async () => {
      const { client } = await newMachine(vault, 'web', [{ project: 'web', secrets: ['key'] }]);
      const before = await revisions();
      expect((await rename('token')).status).toBe(204);
      const { body } = await client.send('POST', '/v1/secrets/export', undefined, { now: clock.now() });
      expect(body).toMatchObject({ secrets: [{ id, name: 'token', value: 'first' }] });
      expect(await revisions()).toEqual({
        revision: before.revision + 1,
        secretRevision: before.secretRevision + 1,
      });
      expect((await boss.ask('GET', `${secret('key')}/versions`)).status).toBe(404);
    });

    it('are refused where there is one, or where Git declares the one that they have', async () => {
      await setValues(vault, { 'web/other': '1' });
      expect(await rename('other')).toMatchObject({ status: 409, body: { code: 'NameTaken' } });
      await vault.step(
        { kind: 'CreateProject', key: 'managed', before: null, after: { description: '' } },
        { record: record('Project', 'managed', { description: '', secrets: ['key'] }) },
      );
      expect((await rename('new')).status).toBe(204);
      await boss.ask('PATCH', secret('new'), { name: 'key' });
      const access = [{ project: 'web', secrets: ['key'] }];
      await newMachine(vault, 'pod', access);
      await vault.step(
        {
          kind: 'Claim',
          key: 'MachineBinding/pod',
          before: null,
          after: { kind: 'MachineBinding', applied: { access } },
        },
        { record: record('MachineBinding', 'pod', { access }) },
      );
      expect(await rename('new')).toMatchObject({
        status: 403,
        body: { code: 'Foreign', next: expect.stringContaining('Git') },
      });
      await boss.ask('DELETE', `${secret('key')}?confirm=key`);
      // Another value would come to the machine by its name alone (H1).
      expect(await boss.ask('PATCH', secret('other'), { name: 'key' })).toMatchObject({
        status: 403,
        body: { code: 'Foreign' },
      });
    });
  });
});
