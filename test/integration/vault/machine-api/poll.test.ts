import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeMachine, newMachine, setValues } from '#test/builders/machine.ts';
import { MovedClock, startTestVault, type TestVault } from '#test/builders/vault.ts';
import type { MachineAnswer, MachineClient } from '#test/fakes/machine-client.ts';
import { setMachineAccess } from '#vault/machines/machines.ts';
import { owner } from '../world/people.ts';

describe('a poll', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let client: MachineClient;
  let ids: Record<string, string>;
  let cookie: string;
  let key: string;

  beforeEach(async () => {
    clock = new MovedClock();
    vault = await startTestVault({ clock });
    ids = await setValues(vault, { 'web/cookie': 'c1', 'web/key': 'k1', 'web/hidden': 'h1' });
    cookie = ids['web/cookie'] ?? '';
    key = ids['web/key'] ?? '';
    ({ client } = await newMachine(vault, 'web', [{ project: 'web', secrets: ['cookie', 'key'] }]));
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const send = (method: 'GET' | 'POST', target: string, body?: string): Promise<MachineAnswer> =>
    client.send(method, target, body, { now: clock.now() });
  /** A poll after the floor has passed. */
  const poll = (...watch: string[]): Promise<MachineAnswer> => {
    clock.advance(10_000);
    return send('POST', '/v1/secrets/poll', JSON.stringify({ watch }));
  };
  const changes = (changed: object) => ({ status: 200, body: { changes: changed } });

  it('leaves out what is unchanged, and says changed until it is read again', async () => {
    await send('GET', `/v1/secret/${cookie}`);
    expect(await poll(cookie)).toEqual(changes({}));
    await setValues(vault, { 'web/cookie': 'c2' });
    expect(await poll(cookie)).toEqual(changes({ [cookie]: { status: 'changed' } }));
    expect(await poll(cookie)).toEqual(changes({ [cookie]: { status: 'changed' } }));
    await send('GET', `/v1/secret/${cookie}`);
    expect(await poll(cookie)).toEqual(changes({}));
  });

  it('counts an export as a read', async () => {
    await send('POST', '/v1/secrets/export');
    await setValues(vault, { 'web/key': 'k2' });
    expect(await poll(cookie, key)).toEqual(changes({ [key]: { status: 'changed' } }));
  });

  it('of a secret never read is silent, and remembers the version it observed', async () => {
    expect(await poll(cookie)).toEqual(changes({}));
    await setValues(vault, { 'web/cookie': 'c2' });
    expect(await poll(cookie)).toEqual(changes({ [cookie]: { status: 'changed' } }));
  });

  it('remembers over a restart of the server', async () => {
    await send('GET', `/v1/secret/${cookie}`);
    const rows = await vault.context.reader.selectFrom('machine_polls').selectAll().execute();
    expect(rows).toMatchObject([{ secret_id: cookie, version: 1 }]);
  });

  it('says deleted for what is not there, access_denied for what is not granted', async () => {
    const gone = 'sk_0000000000';
    const hidden = ids['web/hidden'] ?? '';
    expect(await poll(gone, hidden, '__proto__')).toEqual(
      changes(
        Object.fromEntries([
          [gone, { status: 'deleted' }],
          [hidden, { status: 'access_denied' }],
          ['__proto__', { status: 'deleted' }],
        ]),
      ),
    );
    await changeMachine(vault, 'web', (act, row) =>
      setMachineAccess(act, row, [{ project: 'web', secrets: ['key'] }]),
    );
    expect(await poll(cookie, key)).toEqual(changes({ [cookie]: { status: 'access_denied' } }));
  });

  it('of sixty-five at once is 429, and one that comes when the answer says so is not', async () => {
    const again = () => send('POST', '/v1/secrets/poll', JSON.stringify({ watch: [cookie] }));
    for (let n = 0; n < 64; n += 1) expect((await again()).status).toBe(200);
    expect(await again()).toEqual({ status: 429, body: { error: expect.any(String) } });
    expect(client.headers.get('retry-after')).toBe('1');
    clock.advance(1_000);
    expect((await again()).status).toBe(200);
  });

  it('of a secret whose name, policy or place moved, and no value, is silent', async () => {
    await setValues(vault, { 'web/cookie': 'c2' });
    await send('GET', `/v1/secret/${cookie}`);
    expect(await poll(cookie)).toEqual(changes({}));
    const boss = await owner(vault);
    const path = `/vaults/${vault.vaultId}/projects/web/secrets/cookie`;
    expect((await boss.ask('PATCH', path, { name: 'biscuit' })).status).toBe(204);
    expect(await poll(cookie)).toEqual(changes({}));
  });

  it('hands out no value, so it writes no audit entry', async () => {
    const before = (await vault.request<{ head: { sequence: number } }>('GET', '/audit/proof?after=0')).body;
    await poll(cookie, key);
    const after = (await vault.request<{ head: { sequence: number } }>('GET', '/audit/proof?after=0')).body;
    expect(after.head.sequence).toBe(before.head.sequence);
  });
});
