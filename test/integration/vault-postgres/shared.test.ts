import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { changeMachine, clientOf, newMachine, setValues } from '#test/builders/machine.ts';
import { access, MovedClock, OWNER, PASSWORD, record, send, type TestVault } from '#test/builders/vault.ts';
import { sweep } from '#vault/app/sweep.ts';
import { setEnabled, setMachineAccess } from '#vault/machines/machines.ts';
import { member, owner, signIn } from '../vault/world/people.ts';
import { startTwoReplicas } from './two-replicas.ts';

const invite = { kind: 'InviteMember', key: 'alice@acme.example', before: null, after: access() } as const;

describe('what replicas must agree about', () => {
  it('is who is locked out: failures at the one count at the other, on every plane (V7)', async () => {
    await using replicas = await startTwoReplicas();
    const { first, second, both } = replicas;
    const signIn = async (vault: TestVault, password: string): Promise<number> =>
      (
        await send(
          vault.server.port,
          'POST',
          '/api/v1/sessions',
          JSON.stringify({ email: OWNER, password }),
          {
            'content-type': 'application/json',
          },
        )
      ).status;
    const machine = await newMachine(first, 'web');
    const clients = [machine.client, clientOf(second, { id: machine.id, name: 'web' }, machine.keys)];
    const forged = Buffer.alloc(64).toString('base64');
    for (let n = 0; n < 5; n += 1) {
      for (const vault of both) expect(await signIn(vault, 'a wrong password')).toBe(401);
      for (const client of clients) {
        expect((await client.send('GET', '/v1/secrets', undefined, { signature: forged })).status).toBe(401);
      }
      for (const vault of both) {
        const { status } = await vault.request('GET', '/changes?since=0&wait=0', undefined, {
          headers: { 'x-signature': forged },
        });
        expect(status).toBe(401);
      }
    }
    for (const vault of both) {
      expect(await signIn(vault, PASSWORD)).toBe(429);
      expect((await vault.request('GET', '/changes?since=0&wait=0')).status).toBe(429);
    }
    for (const client of clients) expect((await client.send('GET', '/v1/secrets')).status).toBe(429);
  });

  it('is what a machine was told: who read by the one is told no more by the other, and who did not is (V7)', async () => {
    const clock = new MovedClock();
    await using replicas = await startTwoReplicas({ clock });
    const { first, second } = replicas;
    const ids = await setValues(first, { 'web/cookie': 'c1' });
    const cookie = ids['web/cookie'] ?? '';
    const { client, keys, id } = await newMachine(first, 'web', [{ project: 'web', secrets: ['cookie'] }]);
    const other = clientOf(second, { id, name: 'web' }, keys);
    const read = (by: typeof client) =>
      by.send('GET', `/v1/secret/${cookie}`, undefined, { now: clock.now() });
    const poll = async (by: typeof client, after = 15_000): Promise<number> => {
      clock.advance(after);
      const { body } = await by.send('POST', '/v1/secrets/poll', JSON.stringify({ watch: [cookie] }), {
        now: clock.now(),
      });
      return Object.keys((body as { changes: object }).changes).length;
    };
    await read(client);
    expect([await poll(client), await poll(other)]).toEqual([0, 0]);
    await setValues(first, { 'web/cookie': 'c2' });
    expect([await poll(client), await poll(other)]).toEqual([1, 1]);
    await read(other);
    expect([await poll(client), await poll(other)]).toEqual([0, 0]);
    // Two of them, each by a server of its own, once what was told is old.
    clock.advance(300_000);
    expect([await poll(client), await poll(other, 5_000)]).toEqual([0, 0]);
    await setValues(first, { 'web/cookie': 'c3' });
    expect(await poll(client)).toBe(1);
    await read(client);
    expect(await poll(other, 5_000)).toBe(1);
    expect(await first.context.reader.selectFrom('poll_sources').select('machine_id').execute()).toHaveLength(
      1,
    );
  });

  it('is that something moved: a change through the one ends the long poll at the other (V1)', async () => {
    await using replicas = await startTwoReplicas();
    const { first, second } = replicas;
    const fence = await first.fence();
    const { revision } = await first.snapshot();
    const configuration = second.changes(`since=${revision}&wait=30`);
    await first.steps([{ action: invite }], { fence });
    expect((await configuration).revision).toBe(revision + 1);
    // The freeze flag lies beside the revision, so a poll that began after it would wait.
    const woken = second.context.moved(second.vaultId, 30_000, new AbortController().signal);
    await first.request('POST', '/freeze', { reason: 'a drill' });
    await woken;
    expect((await second.changes('since=0&wait=0')).volatile.freeze).toMatchObject({ reason: 'a drill' });
  }, 20_000);

  it('is that something moved, also after the connection that tells of it was cut', async () => {
    await using replicas = await startTwoReplicas();
    const { first, second } = replicas;
    const fence = await first.fence();
    const { revision } = await first.snapshot();
    const waiting = second.changes(`since=${revision}&wait=30`);
    await first.context.bookkeep((db) =>
      sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and query like 'listen %'`.execute(db),
    );
    await first.steps([{ action: invite }], { fence });
    expect((await waiting).revision).toBe(revision + 1);
    expect(first.faults).toEqual([]);
  }, 20_000);

  it('is who is out: what ends a member or a session at the one ends their long poll at the other (M1)', async () => {
    await using replicas = await startTwoReplicas();
    const { first, second } = replicas;
    const boss = await owner(first);
    await member(first, 'alice@acme.example');
    const polling = async () => {
      // In an object: a promise that is returned would be waited for.
      const alice = await signIn(second, 'alice@acme.example');
      const { revision } = await first.snapshot();
      const poll = alice.ask('GET', `/vaults/${second.vaultId}/revision?since=${revision}&wait=30`);
      return { poll };
    };
    const out = { status: 401, body: { code: 'NotSignedIn' } };
    const atFirst = await signIn(first, 'alice@acme.example');
    const revoked = await polling();
    expect((await atFirst.ask('DELETE', '/sessions')).status).toBe(200);
    expect(await revoked.poll).toMatchObject(out);
    const suspended = await polling();
    await boss.ask('POST', `/vaults/${first.vaultId}/members/alice@acme.example/suspend`);
    expect(await suspended.poll).toMatchObject(out);
  }, 20_000);

  it('is what was granted: a machine reads at the one what it was granted at the other (T2, H2)', async () => {
    await using replicas = await startTwoReplicas();
    const { first, second } = replicas;
    const ids = await setValues(first, { 'web/cookie': 'c1' });
    const { keys, id } = await newMachine(first, 'web', [{ project: 'web', secrets: ['cookie'] }]);
    const client = clientOf(second, { id, name: 'web' }, keys);
    expect(await client.secret(ids['web/cookie'] ?? '')).toBe('c1');
    await setValues(first, { 'web/cookie': 'c2' });
    expect(await client.secret(ids['web/cookie'] ?? '')).toBe('c2');
    await changeMachine(first, 'web', (act, row) => setMachineAccess(act, row, []));
    expect((await client.send('GET', `/v1/secret/${ids['web/cookie']}`)).status).toBe(403);
    await changeMachine(first, 'web', (act, row) => setEnabled(act, row, false));
    expect((await client.send('GET', '/v1/secrets')).status).toBe(403);
  });

  it('is what was seen declared, though no revision moved (design §4)', async () => {
    await using replicas = await startTwoReplicas();
    const { first, second } = replicas;
    const fence = await first.fence();
    await first.steps([{ action: invite, record: record('Member', 'alice@acme.example') }], { fence });
    expect((await second.snapshot()).records).toMatchObject([{ seenUnder: null }]);
    const seen = { kind: 'Member', key: 'alice@acme.example', seenUnder: 'uids' };
    await first.request('POST', '/sightings', { fence, sightings: [seen] });
    expect((await second.snapshot()).records).toMatchObject([{ seenUnder: 'uids' }]);
  });

  it('is what time alone ends: both sweep, and one entry says so (V1)', async () => {
    const clock = new MovedClock();
    await using replicas = await startTwoReplicas({ clock });
    const { first, both } = replicas;
    await first.step(invite);
    const actions = [{ kind: 'CancelInvite', key: 'alice@acme.example', before: access(), after: null }];
    const asked = { fence: await first.fence(), class: 'invites', actions, approval: null };
    expect((await first.request('POST', '/reservations', asked)).status).toBe(200);
    clock.advance(61 * 60_000);
    await Promise.all([...both, ...both].map(({ context }) => sweep(context)));
    const swept = await first.context.reader
      .selectFrom('audit_entries')
      .select('id')
      .where('action', '=', 'losses.reservation-over')
      .execute();
    expect(swept.length).toBe(1);
  });
});
