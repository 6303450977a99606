import { afterEach, describe, expect, it } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import { newMachine } from '#test/builders/machine.ts';
import { MovedClock, newIdentity, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { member, owner } from '../world/people.ts';

/** Nobody asks that much: what this limits is one plane alone. */
const AMPLE = { perSecond: 1000, burst: 1000 };
const SMALL = { perSecond: 0.1, burst: 3 };

const clock = new MovedClock();
let vault: TestVault;
afterEach(() => vault[Symbol.asyncDispose]());

async function start(plane: 'people' | 'automation' | 'machine'): Promise<void> {
  const rates = { people: AMPLE, automation: AMPLE, machine: AMPLE, [plane]: SMALL };
  vault = await startTestVault({ clock, listener: { rates } });
}

/** What three requests and a fourth are answered: status and `Retry-After`. */
async function four(ask: () => Promise<{ status: number; retryAfter: unknown }>): Promise<unknown[]> {
  const statuses: unknown[] = [];
  for (let request = 0; request < 4; request += 1) {
    const { status, retryAfter } = await ask();
    statuses.push(status, retryAfter);
  }
  return statuses;
}
const THREE_AND_REFUSED = [200, undefined, 200, undefined, 200, undefined, 429, '10'];

describe('the rate of an identity (V7)', () => {
  it('people: 429 with Retry-After per account, over all of its sessions; another account goes on', async () => {
    await start('people');
    const [one, two] = [await owner(vault), await owner(vault)];
    const ask = (person: typeof one) => async () => {
      const { status, headers, body } = await person.ask('GET', '/me/invites');
      if (status === 429) expect(body).toMatchObject({ code: 'TooManyRequests', next: expect.any(String) });
      return { status, retryAfter: headers['retry-after'] };
    };
    expect(await four(ask(one))).toEqual(THREE_AND_REFUSED);
    expect((await ask(two)()).status).toBe(429);
    const alice = await member(vault, 'alice@acme.example');
    expect((await ask(alice)()).status).toBe(200);
    clock.advance(10_000);
    expect((await ask(two)()).status).toBe(200);
  });

  it('automation: per identity, and a forger uses up nothing of it', async () => {
    await start('automation');
    for (let forgery = 0; forgery < 8; forgery += 1) {
      const as = { id: vault.identity.id, keys: newKeyPair() };
      expect((await vault.request('GET', '/snapshot', undefined, { as })).status).toBe(401);
    }
    const ask = async () => {
      const { status, headers } = await vault.request('GET', '/snapshot');
      return { status, retryAfter: headers['retry-after'] };
    };
    expect(await four(ask)).toEqual(THREE_AND_REFUSED);
    const as = await newIdentity(vault.context, vault.vaultId, vault.owner);
    expect((await vault.request('GET', '/snapshot', undefined, { as })).status).toBe(200);
  });

  it('machines: per machine, in the words of their plane', async () => {
    await start('machine');
    const { client } = await newMachine(vault, 'one');
    const other = await newMachine(vault, 'two');
    const ask = async () => {
      const { status, body } = await client.send('GET', '/v1/secrets', undefined, {
        now: clock.now(),
      });
      if (status === 429)
        expect(body).toEqual({ error: 'more requests of this machine than the vault takes' });
      return { status, retryAfter: client.headers.get('retry-after') ?? undefined };
    };
    expect(await four(ask)).toEqual(THREE_AND_REFUSED);
    const { status } = await other.client.send('GET', '/v1/secrets', undefined, { now: clock.now() });
    expect(status).toBe(200);
  });
});
