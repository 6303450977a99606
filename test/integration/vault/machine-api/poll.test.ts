import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeMachine, newMachine, setValues } from '#test/builders/machine.ts';
import { MovedClock, startTestVault, type TestVault } from '#test/builders/vault.ts';
import type { MachineAnswer, MachineClient } from '#test/fakes/machine-client.ts';
import { setMachineAccess } from '#vault/machines/machines.ts';

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

  it('within ten seconds of the last one is 429', async () => {
    expect((await poll(cookie)).status).toBe(200);
    clock.advance(5_000);
    const early = await send('POST', '/v1/secrets/poll', JSON.stringify({ watch: [cookie] }));
    expect(early).toEqual({ status: 429, body: { error: expect.any(String) } });
    clock.advance(5_000);
    const due = await send('POST', '/v1/secrets/poll', JSON.stringify({ watch: [cookie] }));
    expect(due.status).toBe(200);
  });

  it('hands out no value, so it writes no audit entry', async () => {
    const before = (await vault.request<{ head: { sequence: number } }>('GET', '/audit/proof?after=0')).body;
    await poll(cookie, key);
    const after = (await vault.request<{ head: { sequence: number } }>('GET', '/audit/proof?after=0')).body;
    expect(after.head.sequence).toBe(before.head.sequence);
  });
});
