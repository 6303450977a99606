import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addMachineKey, changeMachine, clientOf, newMachine, setValues } from '#test/builders/machine.ts';
import { MovedClock, startTestVault, type TestVault } from '#test/builders/vault.ts';
import type { MachineClient } from '#test/fakes/machine-client.ts';
import { setEnabled } from '#vault/machines/machines.ts';

const WRONG = Buffer.alloc(64, 1).toString('base64');

describe('the checks of a signed request', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let machine: Awaited<ReturnType<typeof newMachine>>;
  let secret: string;

  beforeEach(async () => {
    clock = new MovedClock();
    vault = await startTestVault({ clock });
    const ids = await setValues(vault, { 'web/cookie': 'c1' });
    secret = `/v1/secret/${ids['web/cookie']}`;
    machine = await newMachine(vault, 'web', [{ project: 'web', secrets: ['cookie'] }]);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const status = async (...request: Parameters<MachineClient['send']>): Promise<string> => {
    const { status, body } = await machine.client.send(...request);
    return status === 200 ? '200' : `${status} ${(body as { error: string }).error}`;
  };

  it.each(['x-machine-id', 'x-timestamp', 'x-nonce', 'x-signature'])(
    'want the header %s: 401',
    async (name) => {
      expect(await status('GET', secret, undefined, { without: [name] })).toMatch(/^401 .*headers/);
    },
  );

  it('want a timestamp within five minutes, before they look at machine and signature: 401', async () => {
    const late = String(Math.floor(clock.now() / 1000) - 301);
    const bend = { timestamp: late, signature: WRONG, machineId: crypto.randomUUID() };
    expect(await status('GET', secret, undefined, bend)).toMatch(/^401 .*timestamp/);
  });

  it('want a machine that is known, before they look at the signature: 401', async () => {
    const bend = { machineId: crypto.randomUUID(), signature: WRONG };
    expect(await status('GET', secret, undefined, bend)).toBe('401 unknown machine');
  });

  it('want the signature of a key of that machine over what was received: 401', async () => {
    expect(await status('GET', secret, undefined, { signature: WRONG })).toMatch(/^401 .*signature/);
    const other = await newMachine(vault, 'other');
    const { body } = await machine.client.send('GET', secret, undefined, { machineId: other.id });
    expect(body).toEqual({ error: 'the signature does not verify' });
    const export_ = '/v1/secrets/export';
    expect(await status('POST', export_, '{}', { sentBody: '{ }' })).toMatch(/^401 .*signature/);
  });

  it('want a nonce that was not used: 401', async () => {
    expect(await status('GET', secret, undefined, { nonce: 'n1' })).toBe('200');
    expect(await status('GET', secret, undefined, { nonce: 'n1' })).toBe('401 the nonce was used before');
  });

  it('let no forgery burn a nonce: it is recorded only after the signature verified', async () => {
    expect(await status('GET', secret, undefined, { nonce: 'n2', signature: WRONG })).toMatch(/^401/);
    expect(await status('GET', secret, undefined, { nonce: 'n2' })).toBe('200');
  });

  it('remember nonces over a restart', async () => {
    expect(await status('GET', secret, undefined, { nonce: 'n3' })).toBe('200');
    await vault.restart();
    const client = clientOf(vault, { id: machine.id, name: 'web' }, machine.keys);
    const { status: again } = await client.send('GET', secret, undefined, { nonce: 'n3' });
    expect(again).toBe(401);
  });

  it('want the machine enabled and approved, on its next request: 403', async () => {
    expect(await status('GET', secret)).toBe('200');
    await changeMachine(vault, 'web', (act, row) => setEnabled(act, row, false));
    expect(await status('GET', secret)).toBe('403 the machine is disabled');
    await changeMachine(vault, 'web', async (act, row) => {
      await setEnabled(act, row, true);
      await act.db.updateTable('machines').set({ approved: 0 }).where('id', '=', row.id).execute();
    });
    expect(await status('GET', secret)).toBe('403 the machine is not approved');
  });

  it('answer 401 for a disabled machine where the signature is not its own', async () => {
    await changeMachine(vault, 'web', (act, row) => setEnabled(act, row, false));
    expect(await status('GET', secret, undefined, { signature: WRONG })).toMatch(/^401/);
  });

  it('take either of two keys, and neither once the machine is gone', async () => {
    const second = await addMachineKey(vault, { id: machine.id, name: 'web' });
    expect(await status('GET', secret)).toBe('200');
    expect((await second.client.send('GET', secret)).status).toBe(200);
    await changeMachine(vault, 'web', async (act, row) => {
      await act.db.deleteFrom('machines').where('id', '=', row.id).execute();
    });
    expect(await status('GET', secret)).toBe('401 unknown machine');
  });

  it('note the last use of each key, outside the revision', async () => {
    const second = await addMachineKey(vault, { id: machine.id, name: 'web' });
    expect((await second.client.send('GET', secret)).status).toBe(200);
    const { revision } = await vault.snapshot();
    await vault.restart();
    const rows = await vault.context.reader.selectFrom('machine_keys').selectAll().execute();
    const used = new Map(rows.map(({ fingerprint, last_used_at }) => [fingerprint, last_used_at]));
    expect(used.get(second.keys.publicKey.fingerprint)).toBe(clock.now());
    expect(used.get(machine.keys.publicKey.fingerprint)).toBeNull();
    expect((await vault.snapshot()).revision).toBe(revision);
  });

  it('lock machine and source out after ten failures, for a minute, before anything else: 429 (V7)', async () => {
    for (let i = 0; i < 10; i++) await status('GET', secret, undefined, { signature: WRONG });
    expect(await status('GET', secret)).toMatch(/^429/);
    expect(await status('GET', secret, undefined, { without: ['x-nonce'] })).toMatch(/^429/);
    const other = await newMachine(vault, 'other');
    expect((await other.client.send('GET', '/v1/secrets')).status).toBe(200);
    clock.advance(60_000);
    expect(await status('GET', secret, undefined, { now: clock.now() })).toBe('200');
  });

  it('come before the question whether the server is sealed: 503 for values alone (V5)', async () => {
    await vault.restart(null);
    const client = clientOf(vault, { id: machine.id, name: 'web' }, machine.keys);
    expect((await client.send('GET', secret)).status).toBe(503);
    expect((await client.send('POST', '/v1/secrets/export')).status).toBe(503);
    expect((await client.send('GET', '/v1/secrets')).status).toBe(200);
    expect((await client.send('GET', secret, undefined, { signature: WRONG })).status).toBe(401);
    expect((await client.send('GET', '/v1/secret/sk_0000000000')).status).toBe(404);
  });

  it('answer 503 and never 500 where the server itself fails', async () => {
    await vault.context.bookkeep((db) => db.updateTable('secret_versions').set({ sealed: 'AAAA' }).execute());
    expect(await status('GET', secret)).toBe('503 the vault cannot answer now');
    expect(vault.faults).toHaveLength(1);
  });

  it('take a nonce of hex digits as well as one in base64', async () => {
    expect(await status('GET', secret, undefined, { nonce: 'ab'.repeat(16) })).toBe('200');
  });
});
