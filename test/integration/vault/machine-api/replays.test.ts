import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeMachine, clientOf, newMachine, setValues } from '#test/builders/machine.ts';
import { MovedClock, startTestVault, type TestVault } from '#test/builders/vault.ts';
import type { MachineClient } from '#test/fakes/machine-client.ts';
import { setEnabled, setMachineAccess } from '#vault/machines/machines.ts';

const ACCESS = [{ project: 'web', secrets: ['cookie'] }];
const POLL = JSON.stringify({ watch: [] });
const REPLAYED = { status: 401, body: { error: 'the nonce was used before' } };

describe('a request that was answered and is sent again: 401, before all that is looked at later', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let client: MachineClient;
  let machine: Awaited<ReturnType<typeof newMachine>>;
  let secret: string;
  beforeEach(async () => {
    clock = new MovedClock();
    vault = await startTestVault({ clock });
    const ids = await setValues(vault, { 'web/cookie': 'c1' });
    secret = `/v1/secret/${ids['web/cookie']}`;
    machine = await newMachine(vault, 'web', ACCESS);
    client = machine.client;
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const read = (nonce: string) => client.send('GET', secret, undefined, { nonce, now: clock.now() });
  const poll = (nonce?: string, body = POLL) =>
    client.send('POST', '/v1/secrets/poll', body, {
      ...(nonce === undefined ? {} : { nonce }),
      now: clock.now(),
    });

  it('a poll, which takes the place of no other', async () => {
    expect((await poll('n1')).status).toBe(200);
    for (let n = 0; n < 64; n += 1) expect(await poll('n1')).toEqual(REPLAYED);
    expect((await poll('n2')).status).toBe(200);
  });

  it('a read, whose machine was disabled since', async () => {
    expect((await read('n1')).status).toBe(200);
    await changeMachine(vault, 'web', (act, machine) => setEnabled(act, machine, false));
    expect(await read('n1')).toEqual(REPLAYED);
    expect((await read('n2')).status).toBe(403);
  });

  it('a read, whose grant was withdrawn since', async () => {
    expect((await read('n1')).status).toBe(200);
    await changeMachine(vault, 'web', (act, machine) => setMachineAccess(act, machine, []));
    expect(await read('n1')).toEqual(REPLAYED);
    expect((await read('n2')).status).toBe(403);
  });

  it('with another body of the same nonce, which is not what the call takes', async () => {
    expect((await read('n1')).status).toBe(200);
    expect(await poll('n1', '{"watch":7}')).toEqual(REPLAYED);
  });

  it('a read, at a server that was started anew', async () => {
    expect((await read('n1')).status).toBe(200);
    await changeMachine(vault, 'web', (act, machine) => setEnabled(act, machine, false));
    await vault.restart();
    client = clientOf(vault, { id: machine.id, name: 'web' }, machine.keys);
    expect(await read('n1')).toEqual(REPLAYED);
  });

  it('a poll that got 429: it does not put off the next one', async () => {
    for (let n = 0; n < 64; n += 1) expect((await poll()).status).toBe(200);
    expect((await poll()).status).toBe(429);
    expect((await poll()).status).toBe(429);
    clock.advance(1_000);
    expect((await poll()).status).toBe(200);
  });
});
