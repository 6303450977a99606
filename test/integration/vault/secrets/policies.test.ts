import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setValues } from '#test/builders/machine.ts';
import { MovedClock, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { member, owner, type Person } from '../world/people.ts';

describe('policies as people set them', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let boss: Person;
  let ids: Record<string, string>;
  beforeEach(async () => {
    clock = new MovedClock();
    vault = await startTestVault({ clock });
    ids = await setValues(vault, { 'payments/card': '1', 'web/key': '1' });
    boss = await owner(vault);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const policy = (project: string, name: string): string =>
    `/vaults/${vault.vaultId}/projects/${project}/secrets/${name}/policy`;
  const list = async (person: Person) =>
    (await person.ask<{ policies: { project: string }[] }>('GET', `/vaults/${vault.vaultId}/policies`)).body
      .policies;

  it('are shown as they were set, with what is left out as no condition', async () => {
    const window = { timeZone: 'Europe/Berlin', days: ['Mon'], from: '08:00', to: '18:00' };
    expect((await boss.ask('PUT', policy('web', 'key'), { window, readsPerDay: 5 })).status).toBe(204);
    expect((await boss.ask('GET', policy('web', 'key'))).body).toEqual({
      project: 'web',
      secret: 'key',
      policy: {
        window,
        addresses: null,
        endsAt: null,
        readsPerMinute: null,
        readsPerDay: 5,
        reads: null,
      },
      used: { minute: 0, day: 0, reads: 0 },
      setBy: 'owner',
      setAt: clock.now(),
    });
  });

  it('take Policies: View and Policies: Manage in that project (T3)', async () => {
    await boss.ask('PUT', policy('web', 'key'), { reads: 1 });
    await boss.ask('PUT', policy('payments', 'card'), { reads: 1 });
    for (const cell of ['View', 'Manage']) {
      await vault.step({
        kind: 'CreateTemplate',
        key: cell,
        before: null,
        after: { description: '', capabilities: { Policies: [cell] }, projectScope: ['web'] },
      });
      const person = await member(vault, `${cell.toLowerCase()}@acme.example`, { template: cell });
      const isView = cell === 'View';
      expect((await list(person)).map(({ project }) => project)).toEqual(isView ? ['web'] : []);
      expect((await person.ask('GET', policy('web', 'key'))).status).toBe(isView ? 200 : 403);
      expect((await person.ask('GET', policy('payments', 'card'))).status).toBe(403);
      expect((await person.ask('PUT', policy('web', 'key'), { reads: 2 })).status).toBe(isView ? 403 : 204);
      expect((await person.ask('PUT', policy('payments', 'card'), { reads: 2 })).status).toBe(403);
      expect((await person.ask('DELETE', policy('web', 'key'))).status).toBe(isView ? 403 : 204);
    }
    expect((await list(boss)).map(({ project }) => project)).toEqual(['payments']);
  });

  it('move the configuration and the revision of their secret, so that copies are asked for anew (V1)', async () => {
    const before = await vault.snapshot();
    const { volatile } = await vault.changes(`since=${before.revision}&wait=0&secretsSince=0`);
    for (const [method, body] of [
      ['PUT', { reads: 1 }],
      ['DELETE', undefined],
    ] as const) {
      const at = await vault.snapshot();
      await boss.ask(method, policy('web', 'key'), body);
      const moved = await vault.changes(
        `since=${at.revision}&wait=0&secretsSince=${volatile.secretRevision}`,
      );
      expect(moved).toMatchObject({
        revision: at.revision + 1,
        secrets: [{ id: ids['web/key'], version: 1 }],
      });
    }
  });

  it('are refused where they say nothing, are over already, or make no sense', async () => {
    const put = async (body: object, path = policy('web', 'key')) => {
      const { status, body: answer } = await boss.ask('PUT', path, body);
      return [status, answer?.code];
    };
    expect(await put({})).toEqual([422, 'Invalid']);
    expect(await put({ endsAt: clock.now() })).toEqual([422, 'Invalid']);
    expect(await put({ reads: 0 })).toEqual([400, 'InvalidRequest']);
    expect(await put({ addresses: ['10.0.0.0/40'] })).toEqual([400, 'InvalidRequest']);
    expect(await put({ addresses: [] })).toEqual([400, 'InvalidRequest']);
    const window = { timeZone: 'Europe/Atlantis', days: ['Mon'], from: '08:00', to: '18:00' };
    expect(await put({ window })).toEqual([400, 'InvalidRequest']);
    expect(await put({ reads: 1 }, policy('web', 'none'))).toEqual([404, 'NotFound']);
    expect((await boss.ask('DELETE', policy('web', 'key'))).status).toBe(404);
  });

  it('are audited with what they were before and after (A1)', async () => {
    await boss.ask('PUT', policy('web', 'key'), { reads: 1 });
    await boss.ask('PUT', policy('web', 'key'), { readsPerMinute: 2 });
    await boss.ask('DELETE', policy('web', 'key'));
    const rows = await vault.context.reader
      .selectFrom('audit_entries')
      .select('entry')
      .where('action', 'like', 'policy.%')
      .orderBy('sequence')
      .execute();
    expect(rows.map(({ entry }) => JSON.parse(entry))).toMatchObject([
      { action: 'policy.set', details: { id: ids['web/key'], before: null, after: { reads: 1 } } },
      { action: 'policy.set', details: { before: { reads: 1 }, after: { reads: null, readsPerMinute: 2 } } },
      { action: 'policy.removed', details: { before: { readsPerMinute: 2 } } },
    ]);
  });
});
