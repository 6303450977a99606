import { beforeEach, describe, expect, it } from 'vitest';
import type { LeaseState } from '#model/organization.ts';
import type { Problem } from '#protocol/management.ts';
import { MANAGER, type MovedClock, type TestVault } from '#test/builders/vault.ts';
import { ownedVault } from '../world/owned-vault.ts';
import { member, type Person } from '../world/people.ts';

interface Shown {
  readonly lease: LeaseState | null;
  readonly refused: { readonly installation: string } | null;
}

describe('handing the lease over (rail 10)', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let boss: Person;
  let admin: Person;
  beforeEach(async () => {
    ({ clock, vault, boss } = await ownedVault());
    admin = await member(vault, 'bob@acme.example', { role: 'Admin' });
    await vault.request('DELETE', '/lease', await vault.fence());
    await vault.lease(MANAGER, 'dead');
  });

  const take = (installation: string) =>
    vault.request<Problem>('POST', '/lease', { manager: MANAGER, installation });
  const shown = async () => (await boss.ask<Shown>('GET', `/vaults/${vault.vaultId}/lease`)).body;
  const DEAD = { manager: MANAGER, installation: 'dead' };
  const handOver = (to: unknown, { by = boss, from = DEAD as object | null } = {}) =>
    by.ask<{ lease: LeaseState | null; code: string }>('POST', `/vaults/${vault.vaultId}/lease/handovers`, {
      reason: 'that cluster is gone',
      ...{ from, to },
    });

  it('says whose it is, since when, and who was refused last', async () => {
    const since = clock.now();
    clock.advance(60_000);
    expect((await take('waiting')).status).toBe(409);
    expect(await shown()).toMatchObject({
      lease: { manager: MANAGER, installation: 'dead', since, holdsFor: 0 },
      refused: { manager: MANAGER, installation: 'waiting', at: clock.now() },
    });
  });

  it('gives it to the operator that was seen to be refused, and to nobody who asks before it; the long poll tells at once', async () => {
    await take('waiting');
    const { revision } = await vault.snapshot();
    const polled = vault.changes(`since=${revision}&wait=30`);
    expect((await handOver({ manager: MANAGER, installation: 'waiting' })).body.lease).toMatchObject({
      installation: 'waiting',
      holdsFor: 0,
    });
    expect((await polled).volatile.lease).toMatchObject({ installation: 'waiting' });
    expect((await take('dead')).body.code).toBe('ManagementConflict');
    expect((await take('waiting')).status).toBe(200);
    expect((await shown()).refused).toMatchObject({ installation: 'dead' });
  });

  it('gives it to whoever is named, or to whoever asks first', async () => {
    const other = { manager: MANAGER, installation: 'other' };
    await handOver(other);
    expect((await take('dead')).body.code).toBe('ManagementConflict');
    expect((await handOver('Free', { from: other })).body.lease).toBeNull();
    expect((await take('anybody')).status).toBe(200);
  });

  it('takes it from nobody else than whose it was seen to be', async () => {
    const other = { manager: MANAGER, installation: 'other' };
    const moved = { status: 409, body: { code: 'LeaseMoved' } };
    await handOver('Free');
    expect(await handOver(other)).toMatchObject(moved);
    await take('anybody');
    expect([await handOver(other), await handOver(other, { from: null })]).toMatchObject([moved, moved]);
    expect((await take('anybody')).status).toBe(200);
    expect((await handOver(other, { from: { ...DEAD, installation: 'anybody' } })).status).toBe(200);
  });

  it('is of the owner and of approvers, by a recent proof, and in the audit log with why, from whom and to whom, which the owner is told', async () => {
    expect((await handOver('Free', { by: admin })).body.code).toBe('Forbidden');
    clock.advance(6 * 60_000);
    expect((await handOver('Free')).status).toBe(403);
    clock.advance(-6 * 60_000);
    await handOver('Free');
    const { body } = await boss.ask<{ entries: object[] }>('GET', `/vaults/${vault.vaultId}/audit?limit=500`);
    expect(body.entries).toContainEqual(
      expect.objectContaining({
        action: 'lease.handed-over',
        details: {
          reason: 'that cluster is gone',
          from: { manager: MANAGER, installation: 'dead' },
          to: null,
        },
      }),
    );
    const notices = await vault.context.reader
      .selectFrom('alert_notices')
      .select(['action', 'rule'])
      .where('action', '=', 'lease.handed-over')
      .execute();
    expect(notices).toEqual([{ action: 'lease.handed-over', rule: 'The lease is handed over' }]);
  });
});
