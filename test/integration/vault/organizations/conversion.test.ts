import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { MovedClock, PASSWORD, startTestVault, type TestVault } from '#test/builders/vault.ts';
import type { Person } from '../world/people.ts';
import { auditedActions, personalVault, prove } from './in-vault.ts';

const ALICE = 'alice@acme.example';
const MINUTE = 60_000;

describe('a personal vault', () => {
  let clock: MovedClock;
  let server: TestVault;
  let vault: TestVault;
  let alice: Person;
  beforeEach(async () => {
    clock = new MovedClock();
    server = await startTestVault({ clock });
    ({ vault, person: alice } = await personalVault(server, ALICE));
    // The owner of the test's own vault acts for what tests set up directly.
    const { id } = await vault.context.reader
      .selectFrom('members')
      .select('id')
      .where('vault_id', '=', vault.vaultId)
      .executeTakeFirstOrThrow();
    Object.assign(vault.owner, { memberId: id });
  });
  afterEach(() => server[Symbol.asyncDispose]());

  const at = (path = '') => `/vaults/${vault.vaultId}${path}`;
  const facts = async () => (await alice.ask('GET', at())).body;

  it('is made by one call, with its owner and a project Main (O1)', async () => {
    expect(await facts()).toMatchObject({
      kind: 'Personal',
      displayName: 'Personal',
      owner: ALICE,
      plan: { name: 'Free', lapsed: false, until: null },
    });
    expect(await auditedActions(vault)).toEqual(['vault.created']);
  });

  it('is one of several that an account owns, up to the cap of self-service (O1)', async () => {
    for (let made = 1; made < 10; made += 1) {
      const displayName = `Vault ${made}`;
      expect((await alice.ask('POST', '/vaults', { displayName })).status).toBe(201);
    }
    const tooMany = await alice.ask('POST', '/vaults', {});
    expect(tooMany).toMatchObject({ status: 409, body: { code: 'QuotaReached' } });
  });

  it('has no members, invites and templates: the refusal names conversion (O1)', async () => {
    for (const [method, path, body] of [
      ['GET', '/members'],
      ['POST', '/invites', { emails: ['bob@acme.example'] }],
      ['POST', '/members/bob@acme.example/suspend'],
      ['DELETE', '/members/bob@acme.example'],
      ['DELETE', '/templates/developers/cells/Projects:%20View'],
      ['GET', '/templates'],
      ['GET', '/groups'],
      ['POST', '/groups', { name: 'g' }],
      ['DELETE', '/members/bob@acme.example/grants/Main'],
      ['POST', '/leave'],
    ] as const) {
      const refused = await alice.ask(method, at(path), body);
      expect([path, refused.status, refused.body.code]).toEqual([path, 409, 'PersonalVault']);
      expect(refused.body.next).toContain('/conversion');
    }
  });

  it('takes secrets, machines and a name like any vault', async () => {
    expect((await alice.ask('PUT', at('/projects/Main/secrets/key'), { value: 'v' })).status).toBe(200);
    expect((await alice.ask('POST', at('/machines'), { name: 'laptop' })).status).toBe(201);
    expect((await alice.ask('PATCH', at(), { displayName: 'Mine' })).status).toBe(204);
    expect(await facts()).toMatchObject({ displayName: 'Mine' });
    expect((await alice.ask('GET', at('/usage'))).body).toMatchObject({
      plan: 'Free',
      members: { used: 1 },
      projects: { used: 1 },
      machines: { used: 1, cap: 20 },
    });
  });

  it('is converted with a proof of the owner from the last five minutes only (O1)', async () => {
    clock.advance(6 * MINUTE);
    const late = await alice.ask('POST', at('/conversion'), { displayName: 'Acme' });
    expect(late).toMatchObject({ status: 403, body: { code: 'ProofNeeded' } });
    expect(await facts()).toMatchObject({ kind: 'Personal' });
    await prove(alice, PASSWORD);
    expect((await alice.ask('POST', at('/conversion'), { displayName: 'Acme' })).status).toBe(200);
  });

  it('keeps everything across the conversion, and gets nothing (O1, P1)', async () => {
    await alice.ask('PUT', at('/projects/Main/secrets/key'), { value: 'v' });
    const read = async (table: 'projects' | 'secrets' | 'machines' | 'machine_keys' | 'members') =>
      vault.context.reader.selectFrom(table).selectAll().where('vault_id', '=', vault.vaultId).execute();
    const all = () =>
      Promise.all((['projects', 'secrets', 'machines', 'machine_keys', 'members'] as const).map(read));
    await alice.ask('POST', at('/machines'), { name: 'laptop' });
    const before = await all();
    const converted = await alice.ask('POST', at('/conversion'), { displayName: 'Acme' });
    expect(converted.body).toEqual({ vaultId: vault.vaultId, plan: 'Free', planUntil: null });
    expect(await all()).toEqual(before);
    expect(await facts()).toMatchObject({ kind: 'Organization', displayName: 'Acme', owner: ALICE });
    expect((await alice.ask('GET', at('/members'))).status).toBe(200);
    expect((await alice.ask('POST', at('/invites'), { emails: ['bob@acme.example'] })).status).toBe(204);
  });

  it('is converted one way (O1)', async () => {
    await alice.ask('POST', at('/conversion'), { displayName: 'Acme' });
    const again = await alice.ask('POST', at('/conversion'), { displayName: 'Acme 2' });
    expect(again).toMatchObject({ status: 422, body: { code: 'Invalid' } });
    expect(await facts()).toMatchObject({ displayName: 'Acme' });
  });

  it('is converted to no plan that accounts do not take by themselves (P4)', async () => {
    const refused = await alice.ask('POST', at('/conversion'), { displayName: 'Acme', plan: 'Business' });
    expect(refused).toMatchObject({ status: 403, body: { code: 'PlanNotOffered' } });
    expect(await facts()).toMatchObject({ kind: 'Personal', plan: { name: 'Free' } });
  });

  it('lets a machine read and poll on across the conversion, by the same key (O1)', async () => {
    const ids = await setValues(vault, { 'Main/key': 'k1' });
    const key = ids['Main/key'] ?? '';
    const { client } = await newMachine(vault, 'web', [{ project: 'Main', secrets: ['key'] }]);
    const send = (method: 'GET' | 'POST', target: string, body?: string) =>
      client.send(method, target, body, { now: clock.now() });
    const poll = () => {
      clock.advance(10_000);
      return send('POST', '/v1/secrets/poll', JSON.stringify({ watch: [key] }));
    };
    const read = () => send('GET', `/v1/secret/${key}`);
    const first = await read();
    expect(first).toMatchObject({ status: 200 });
    expect(await poll()).toEqual({ status: 200, body: { changes: {} } });
    await setValues(vault, { 'Main/key': 'k2' });
    const [converted, ...during] = await Promise.all([
      alice.ask('POST', at('/conversion'), { displayName: 'Acme' }),
      read(),
      read(),
      poll(),
    ]);
    expect(converted.status).toBe(200);
    expect(during.map(({ status }) => status)).toEqual([200, 200, 200]);
    await setValues(vault, { 'Main/key': 'k3' });
    expect(await poll()).toEqual({ status: 200, body: { changes: { [key]: { status: 'changed' } } } });
    expect(await read()).toMatchObject({ status: 200, body: { value: 'k3' } });
  });
});
