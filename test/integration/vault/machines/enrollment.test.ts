import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import { changeMachine, clientOf, newMachine, setValues } from '#test/builders/machine.ts';
import { MovedClock, send, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { sweep } from '#vault/app/sweep.ts';
import { AddressList } from '#vault/common/addresses.ts';
import { DIRECT } from '#vault/http/network.ts';
import { setMachineAccess } from '#vault/machines/machines.ts';
import { member, owner, type Person } from '../world/people.ts';

const DAY = 24 * 60 * 60;

describe('a machine that enrols by a token', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let boss: Person;
  let secret: string;
  beforeEach(async () => {
    clock = new MovedClock();
    const network = { ...DIRECT, trustedProxies: new AddressList(['127.0.0.1']) };
    vault = await startTestVault({ clock, network });
    boss = await owner(vault);
    const ids = await setValues(vault, { 'web/cookie': 'c1', 'web/other': 'o1', 'db/password': 'p1' });
    secret = `/v1/secret/${ids['web/cookie']}`;
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const tokenOf = async (more: object = {}, by: Person = boss): Promise<{ id: string; token: string }> => {
    const { status, body } = await by.ask<{ id: string; token: string; code?: string }>(
      'POST',
      `/vaults/${vault.vaultId}/enrollment-tokens`,
      {
        name: 'runners',
        access: [{ project: 'web', secrets: ['cookie'] }],
        lifeSeconds: DAY,
        machineLifeSeconds: 2 * 60 * 60,
        maxUses: 3,
        ...more,
      },
    );
    if (status !== 201) throw new Error(`${status} ${body.code}`);
    return body;
  };
  const register = (body: object, from = '198.51.100.1', vaultId = vault.vaultId) =>
    send<Record<string, unknown>>(
      vault.server.port,
      'POST',
      `/v1/${vaultId}/enroll/register`,
      JSON.stringify(body),
      { 'content-type': 'application/json', 'x-forwarded-for': from, host: `localhost:${vault.server.port}` },
    );
  const enrol = async (token: string, more: object = {}, from?: string) => {
    const keys = newKeyPair();
    const answer = await register(
      { token, publicKey: keys.publicKey.text, hostname: 'runner-1', ...more },
      from,
    );
    const client = () =>
      clientOf(vault, { id: answer.body.machineId as string, name: answer.body.machineName as string }, keys);
    return { ...answer, outcome: `${answer.status} ${answer.body.error ?? ''}`.trim(), client };
  };

  it('is answered with exactly its identity and its end, and reads at once what the token names', async () => {
    const { token } = await tokenOf();
    const { status, body, client } = await enrol(token, { name: 'runner-a' });
    expect(status).toBe(200);
    expect(body).toEqual({
      machineId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      machineName: 'runner-a',
      vaultId: vault.vaultId,
      expiresAt: clock.now() + 2 * 60 * 60 * 1000,
      apiUrl: vault.url,
    });
    expect(await client().send('GET', secret)).toEqual({ status: 200, body: { value: 'c1' } });
    expect((await client().send('GET', '/v1/secrets')).body).toMatchObject({ secrets: [{ name: 'cookie' }] });
  });

  it('that asks for no name is called after its host, and a second one not the same', async () => {
    const { token } = await tokenOf();
    expect((await enrol(token)).body.machineName).toBe('runner-1');
    const second = (await enrol(token)).body;
    expect(second.machineName).toBe(`runner-1-${String(second.machineId).slice(0, 8)}`);
  });

  it('reads until its end and not after it: 401; the sweep disables it, and forgets it 30 days on (V1)', async () => {
    const { token } = await tokenOf();
    const { client } = await enrol(token);
    clock.advance(2 * 60 * 60 * 1000 - 1);
    const read = async () => (await client().send('GET', secret, undefined, { now: clock.now() })).status;
    expect(await read()).toBe(200);
    clock.advance(1);
    expect(await read()).toBe(401);
    const { revision } = await vault.snapshot();
    await sweep(vault.context);
    await sweep(vault.context);
    const ended = await vault.snapshot();
    expect(ended.revision).toBe(revision + 1);
    expect(ended.machines).toMatchObject([{ name: 'runner-1', enabled: false, disabledAt: clock.now() }]);
    expect(await read()).toBe(401);
    clock.advance(30 * DAY * 1000);
    await sweep(vault.context);
    expect((await vault.snapshot()).machines).toEqual([]);
    expect(await read()).toBe(401);
  });

  it('needs a token that is known, open and of this vault: 401', async () => {
    const { token, id } = await tokenOf({ maxUses: 1 });
    expect((await enrol('enroll_nonsense')).outcome).toMatch(/^401 .*token/);
    expect((await register({ token, publicKey: '', hostname: 'h' })).status).toBe(400);
    const keys = newKeyPair().publicKey.text;
    const elsewhere = await register(
      { token, publicKey: keys, hostname: 'h' },
      '198.51.100.2',
      `vault_${'0'.repeat(16)}`,
    );
    expect(elsewhere.status).toBe(401);
    expect((await enrol(token)).status).toBe(200);
    expect((await enrol(token)).outcome).toMatch(/^401/);
    const revoked = await tokenOf();
    expect(
      (await boss.ask('DELETE', `/vaults/${vault.vaultId}/enrollment-tokens/${revoked.id}`)).status,
    ).toBe(204);
    expect((await enrol(revoked.token)).outcome).toMatch(/^401/);
    const short = await tokenOf({ lifeSeconds: 60 });
    clock.advance(60_000);
    expect((await enrol(short.token)).outcome).toMatch(/^401/);
    const { body } = await boss.ask<{ tokens: { id: string; state: string; uses: number }[] }>(
      'GET',
      `/vaults/${vault.vaultId}/enrollment-tokens`,
    );
    const states = new Map(body.tokens.map((one) => [one.id, `${one.state} ${one.uses}`]));
    expect([states.get(id), states.get(revoked.id), states.get(short.id)]).toEqual([
      'UsedUp 1',
      'Revoked 0',
      'Over 0',
    ]);
    expect(JSON.stringify(body)).not.toContain(token);
  });

  it('gives the last use of a token to one of many that come at once', async () => {
    const { token } = await tokenOf({ maxUses: 2 });
    const answers = await Promise.all(Array.from({ length: 6 }, () => enrol(token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 401, 401, 401, 401]);
    expect((await vault.snapshot()).machines).toHaveLength(2);
  });

  it('comes from the addresses and hosts that the token names: 403', async () => {
    const { token } = await tokenOf({ source: '198.51.100.0/24', hostnamePattern: 'runner-*' });
    expect((await enrol(token, {}, '203.0.113.1')).outcome).toMatch(/^403 .*source/);
    expect((await enrol(token, { hostname: 'laptop' })).outcome).toMatch(/^403 .*host/);
    expect((await enrol(token)).status).toBe(200);
  });

  it('brings a key that is free in the vault: 409, and the use is not counted', async () => {
    const { token } = await tokenOf({ maxUses: 1 });
    const taken = await newMachine(vault, 'runner-a');
    expect((await enrol(token, { publicKey: taken.keys.publicKey.text })).outcome).toMatch(/^409 .*key/);
    expect((await enrol(token, { name: 'runner-b' })).status).toBe(200);
  });

  it('that asks for a name that is taken gets it with a part of its id, and is told so', async () => {
    const { token } = await tokenOf();
    const longest = 'w'.repeat(128);
    for (const name of ['worker', longest]) {
      await newMachine(vault, name);
      const { status, body, client } = await enrol(token, { name });
      expect(status).toBe(200);
      expect(body.machineName).toBe(`${name.slice(0, 119)}-${String(body.machineId).slice(0, 8)}`);
      expect((await client().send('GET', secret)).status).toBe(200);
    }
  });

  it('may have a host name of 253 characters, by whose beginning it is called', async () => {
    const { token } = await tokenOf();
    const hostname = [...Array.from({ length: 4 }, () => 'h'.repeat(60)), 'example.y'].join('.');
    expect(hostname).toHaveLength(253);
    expect((await enrol(token, { hostname })).body.machineName).toBe(hostname.slice(0, 119));
    // No half of a character is left of a name that is cut.
    const emoji = (await enrol(token, { hostname: `${'h'.repeat(118)}\u{1F511}.example` })).body;
    expect(emoji.machineName).toBe('h'.repeat(118));
  });

  it('is told which field is refused, and what it may be: 400', async () => {
    const { token } = await tokenOf();
    const outcome = async (more: object) => (await enrol(token, more)).outcome;
    expect(await outcome({ name: 'a/b' })).toBe(
      '400 name must be a text of 1 to 128 characters; it must not be . or .., nor have slashes, backslashes or control characters, or white space at its ends',
    );
    expect(await outcome({ name: 'n'.repeat(129) })).toMatch(/^400 name must .* 128 /);
    expect(await outcome({ name: 7 })).toMatch(/^400 name must /);
    expect(await outcome({ hostname: 'h'.repeat(254) })).toMatch(/^400 hostname must .* 253 /);
    expect(await outcome({ hostname: '' })).toMatch(/^400 hostname must /);
    expect(await outcome({ publicKey: 'AAAA' })).toMatch(/^400 publicKey must .* 44 /);
    expect(await outcome({ token: null })).toMatch(/^400 token must /);
  });

  it('locks vault and source out after ten tokens that are none: 429 (V7)', async () => {
    const { token } = await tokenOf();
    for (let i = 0; i < 10; i++) expect((await enrol('enroll_x')).status).toBe(401);
    expect((await enrol(token)).status).toBe(429);
    expect((await enrol(token, {}, '198.51.100.9')).status).toBe(200);
    clock.advance(60_000);
    expect((await enrol(token)).status).toBe(200);
  });

  it('never gets more than the token said: its scope is narrowed and never widened', async () => {
    const { token } = await tokenOf({ access: [{ project: 'web', secrets: ['cookie', 'other'] }] });
    const { body } = await enrol(token, { name: 'runner-a' });
    const set = (project: string, secrets: string[]) =>
      changeMachine(vault, 'runner-a', (act, row) => setMachineAccess(act, row, [{ project, secrets }]));
    await set('web', ['cookie']);
    await expect(set('web', ['cookie', 'other'])).rejects.toThrow(/widened/);
    await expect(set('db', ['password'])).rejects.toThrow(/widened/);
    const step = await vault.step({
      kind: 'SetMachineAccess',
      key: 'runner-a',
      before: { access: [{ project: 'web', secrets: ['cookie'] }] },
      after: { access: [{ project: 'db', secrets: [] }] },
    });
    expect([body.machineName, step]).toEqual(['runner-a', 'Invalid']);
  });

  it('does not hold a place of the plan past its end (P3)', async () => {
    await vault.context.bookkeep((db) => db.updateTable('vaults').set({ plan: 'Free' }).execute());
    const { token } = await tokenOf({ maxUses: 50 });
    for (let i = 0; i < 20; i++) expect((await enrol(token)).status).toBe(200);
    expect((await enrol(token)).outcome).toMatch(/^409 .*plan/);
    clock.advance(2 * 60 * 60 * 1000);
    expect((await enrol(token)).status).toBe(200);
  });

  it('leaves its acts in the audit log, by its own name; the token is nowhere in it (A1)', async () => {
    const { token, id } = await tokenOf();
    const { body } = await enrol(token);
    await boss.ask('DELETE', `/vaults/${vault.vaultId}/enrollment-tokens/${id}`);
    const { entries } = (
      await boss.ask<{ entries: { action: string; actor: { name: string } }[] }>(
        'GET',
        `/vaults/${vault.vaultId}/audit?limit=500`,
      )
    ).body;
    expect(entries.slice(-3).map(({ action, actor }) => [action, actor.name])).toEqual([
      ['enrollment-token.created', 'owner'],
      ['machine.enrolled', 'runner-1'],
      ['enrollment-token.revoked', 'owner'],
    ]);
    expect(entries.at(-2)).toMatchObject({ actor: { type: 'machine', id: body.machineId } });
    expect(JSON.stringify(entries)).not.toContain(token);
  });

  it('gets a token from a person with Machines: Manage and Secrets: Manage in its projects (H1)', async () => {
    const after = { description: '', capabilities: { Machines: ['Manage'] }, projectScope: 'All' } as const;
    await vault.step({ kind: 'CreateTemplate', key: 'machines', before: null, after });
    const grants = [{ project: 'web', access: 'Write' }] as const;
    const alice = await member(vault, 'alice@acme.example', { template: 'machines', grants });
    await tokenOf({}, alice);
    await expect(tokenOf({ access: [{ project: 'db', secrets: [] }] }, alice)).rejects.toThrow(
      '403 Forbidden',
    );
    const bob = await member(vault, 'bob@acme.example', { grants });
    await expect(tokenOf({}, bob)).rejects.toThrow('403 Forbidden');
  });

  it('cannot be given a token of more than 10,000 uses', async () => {
    await expect(tokenOf({ maxUses: 10_001 })).rejects.toThrow('400 InvalidRequest');
    await tokenOf({ maxUses: 10_000 });
  });
});
