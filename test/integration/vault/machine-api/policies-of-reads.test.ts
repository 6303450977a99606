import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientOf, newMachine, setValues } from '#test/builders/machine.ts';
import { MovedClock, startTestVault, type TestVault } from '#test/builders/vault.ts';
import type { MachineClient } from '#test/fakes/machine-client.ts';
import { AddressList } from '#vault/common/addresses.ts';
import { DIRECT } from '#vault/http/network.ts';
import { NO_READS, type Policy } from '#vault/secrets/policy.ts';
import { owner, type Person } from '../world/people.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

describe('policies of secrets on the machine plane', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let boss: Person;
  let ids: Record<string, string>;
  let client: MachineClient;
  beforeEach(async () => {
    clock = new MovedClock();
    // From the start of a day, so that no minute and no day ends within a test by itself.
    clock.advance(DAY - (clock.now() % DAY));
    vault = await startTestVault({
      clock,
      network: { ...DIRECT, trustedProxies: new AddressList(['127.0.0.1']) },
    });
    ids = await setValues(vault, { 'web/a': 'aa', 'web/b': 'bb' });
    ({ client } = await newMachine(vault, 'pod', [{ project: 'web', secrets: ['a', 'b'] }]));
    boss = await owner(vault);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const policyPath = (name = 'a') => `/vaults/${vault.vaultId}/projects/web/secrets/${name}/policy`;
  const set = async (policy: Partial<Policy>, name = 'a') => {
    const { status, body } = await boss.ask('PUT', policyPath(name), policy);
    if (status !== 204) throw new Error(`${status} ${body.code}`);
  };
  const send = (method: 'GET' | 'POST', path: string, body?: string, from = '10.0.0.1', by = client) =>
    by.send(method, path, body, { now: clock.now(), headers: { 'x-forwarded-for': from } });
  const read = async (from?: string, name = 'a') =>
    (await send('GET', `/v1/secret/${ids[`web/${name}`]}`, undefined, from)).status;
  const exported = async (from?: string) => {
    const { status, body } = await send('POST', '/v1/secrets/export', undefined, from);
    expect(status).toBe(200);
    return (body as { secrets: { name: string }[] }).secrets.map(({ name }) => name);
  };
  const polled = async (from?: string) => {
    clock.advance(10_000);
    const watch = JSON.stringify({ watch: [ids['web/a']] });
    const { body } = await send('POST', '/v1/secrets/poll', watch, from);
    return (body as { changes: Record<string, { status: string }> }).changes[ids['web/a'] ?? '']?.status;
  };
  const used = async () =>
    (await boss.ask<{ used: object }>('GET', policyPath())).body.used as Record<string, number>;
  const refusals = async () => {
    const rows = await vault.context.reader
      .selectFrom('audit_entries')
      .select('entry')
      .where('action', '=', 'secrets.refused-by-policy')
      .orderBy('sequence')
      .execute();
    return rows.flatMap(({ entry }) => {
      const { actor, details } = JSON.parse(entry) as { actor: object; details: { refusals: object[] } };
      return details.refusals.map((refusal) => ({ actor, ...refusal }));
    });
  };

  it('refuse with 403 and the exact body, and audit machine, address and condition (A1)', async () => {
    await set({ addresses: ['10.0.0.0/8'] });
    expect(await read('10.9.9.9')).toBe(200);
    expect(await send('GET', `/v1/secret/${ids['web/a']}`, undefined, '192.0.2.1')).toEqual({
      status: 403,
      body: { error: 'the policy of the secret does not allow this address' },
    });
    expect(await refusals()).toEqual([
      {
        actor: { type: 'machine', id: expect.any(String), name: 'pod' },
        source: '192.0.2.1',
        call: 'GET /v1/secret/{id}',
        secrets: [{ id: ids['web/a'], why: 'PolicyAddress' }],
      },
    ]);
  });

  it('hold on the next read, and are gone with the next one after they were taken away', async () => {
    expect(await read('192.0.2.1')).toBe(200);
    await set({ addresses: ['10.0.0.0/8'] });
    expect(await read('192.0.2.1')).toBe(403);
    expect((await boss.ask('DELETE', policyPath())).status).toBe(204);
    expect(await read('192.0.2.1')).toBe(200);
    expect((await boss.ask('GET', policyPath())).status).toBe(404);
  });

  it('open and close by their hours and end with their date', async () => {
    const window = {
      timeZone: 'UTC',
      days: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
      from: '01:00',
      to: '02:00',
    } as const;
    await set({ window, endsAt: clock.now() + 90 * MINUTE });
    expect(await read()).toBe(403);
    clock.advance(60 * MINUTE);
    expect(await read()).toBe(200);
    clock.advance(30 * MINUTE);
    expect(await send('GET', `/v1/secret/${ids['web/a']}`)).toMatchObject({
      status: 403,
      body: { error: 'the policy of the secret allows no reads any more' },
    });
  });

  it('count reads in a minute, in a day and in all, of all machines together', async () => {
    const other = await newMachine(vault, 'other', [{ project: 'web', secrets: ['a'] }]);
    await set({ readsPerMinute: 2, readsPerDay: 3, reads: 4 });
    expect([await read(), await read(), await read()]).toEqual([200, 200, 403]);
    clock.advance(MINUTE);
    expect((await send('GET', `/v1/secret/${ids['web/a']}`, undefined, undefined, other.client)).status).toBe(
      200,
    );
    expect(await read()).toBe(403);
    expect(await used()).toEqual({ minute: 1, day: 3, reads: 3 });
    clock.advance(DAY);
    expect([await read(), await read()]).toEqual([200, 403]);
    clock.advance(DAY);
    expect(await read()).toBe(403);
    expect(await refusals()).toMatchObject([
      { secrets: [{ why: 'PolicyRate' }] },
      { secrets: [{ why: 'PolicyRate' }] },
      { secrets: [{ why: 'PolicyOver' }] },
      { secrets: [{ why: 'PolicyOver' }] },
    ]);
  });

  it('let exactly as many of a burst through as they allow', async () => {
    await set({ readsPerMinute: 7 });
    const answers = await Promise.all(Array.from({ length: 40 }, () => read()));
    expect(answers.filter((status) => status === 200)).toHaveLength(7);
    expect(answers.filter((status) => status === 403)).toHaveLength(33);
    expect(await refusals()).toHaveLength(33);
    expect(await read(undefined, 'b')).toBe(200);
  });

  it('count exactly across replicas and a restart', async () => {
    await set({ reads: 10 });
    const machine = await newMachine(vault, 'both', [{ project: 'web', secrets: ['a'] }]);
    const replica = await vault.replica();
    try {
      const there = clientOf(vault.through(replica), { id: machine.id, name: 'both' }, machine.keys);
      const path = `/v1/secret/${ids['web/a']}`;
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          index % 2 === 0
            ? read()
            : there.send('GET', path, undefined, { now: clock.now() }).then(({ status }) => status),
        ),
      );
      expect(answers.filter((status) => status === 200)).toHaveLength(10);
      expect(answers.filter((status) => status === 403)).toHaveLength(2);
    } finally {
      await replica.stop();
    }
    await vault.restart();
    boss = await owner(vault);
    expect((await used()).reads).toBe(10);
  });

  it('leave out of an export what they keep back, and count what is in it', async () => {
    await set({ readsPerMinute: 1 });
    expect(await exported()).toEqual(['a', 'b']);
    expect(await exported()).toEqual(['b']);
    await set({ addresses: ['10.0.0.0/8'] });
    expect(await exported('192.0.2.1')).toEqual(['b']);
    expect(await exported()).toEqual(['a', 'b']);
    expect(await used()).toEqual({ minute: 1, day: 1, reads: 1 });
    const rows = await vault.context.reader
      .selectFrom('audit_entries')
      .select('entry')
      .where('action', '=', 'secrets.read')
      .orderBy('sequence')
      .execute();
    const read = rows.flatMap(({ entry }) => JSON.parse(entry).details.reads[0].secrets.length as number);
    expect(read).toEqual([2, 1, 1, 2]);
  });

  it('do not hide that a secret is there: lists name it', async () => {
    await set({ addresses: ['10.0.0.0/8'] });
    const { body } = await send('GET', '/v1/secrets', undefined, '192.0.2.1');
    expect((body as { secrets: { name: string }[] }).secrets.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('keep a poll silent for a time, deny it for good, and tell of the change once the value may leave', async () => {
    const window = {
      timeZone: 'UTC',
      days: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
      from: '01:00',
      to: '23:00',
    } as const;
    await read();
    await set({ window, endsAt: clock.now() + DAY });
    await setValues(vault, { 'web/a': 'a2' });
    expect(await polled()).toBeUndefined();
    clock.advance(60 * MINUTE);
    expect(await polled()).toBe('changed');
    await set({ addresses: ['10.0.0.0/8'], endsAt: clock.now() + DAY });
    expect(await polled()).toBe('changed');
    expect(await polled('192.0.2.1')).toBe('access_denied');
    clock.advance(DAY);
    expect(await polled()).toBe('access_denied');
  });

  it('are not passed by a refused read: the poll still knows the version handed out', async () => {
    await read();
    await set({ reads: 1 });
    await setValues(vault, { 'web/a': 'a2' });
    expect(await read()).toBe(200);
    await setValues(vault, { 'web/a': 'a3' });
    expect(await read()).toBe(403);
    expect(await polled()).toBe('changed');
  });

  it('go on counting where they are set again, and begin anew where they were taken away', async () => {
    await set({ reads: 1 });
    expect(await read()).toBe(200);
    await set({ reads: 1 });
    expect(await read()).toBe(403);
    await set({ reads: 2 });
    expect([await read(), await read()]).toEqual([200, 403]);
    await boss.ask('DELETE', policyPath());
    await set({ reads: 1 });
    expect([await read(), await read()]).toEqual([200, 403]);
  });

  it('stay with their secret through the trash, and leave the database with it', async () => {
    await set({ reads: 1 });
    expect(await read()).toBe(200);
    const base = `/vaults/${vault.vaultId}`;
    await boss.ask('DELETE', `${base}/projects/web/secrets/a?confirm=a`);
    expect(await read()).toBe(404);
    await boss.ask('POST', `${base}/trash/${ids['web/a']}/restore`, {});
    const access = [{ project: 'web', secrets: ['a', 'b'] }];
    await boss.ask('PUT', `${base}/machines/pod/access`, { access });
    expect(await read()).toBe(403);
    await boss.ask('DELETE', `${base}/projects/web/secrets/a?confirm=a`);
    await boss.ask('DELETE', `${base}/trash/${ids['web/a']}?confirm=a`);
    expect(await vault.context.reader.selectFrom('secret_policies').selectAll().execute()).toEqual([]);
  });

  it('cost a read without one no row: nothing is counted', async () => {
    await set({ addresses: ['10.0.0.0/8'] });
    await read();
    await read(undefined, 'b');
    const rows = await vault.context.reader.selectFrom('secret_policies').selectAll().execute();
    expect(rows).toMatchObject([NO_READS]);
  });
});
