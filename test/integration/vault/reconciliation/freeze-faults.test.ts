import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestVault, type TestVault } from '#test/builders/vault.ts';
import { owner, type Person } from '../world/people.ts';

describe('the freeze flag and its audit entry (rail 12, A2)', () => {
  let vault: TestVault;
  let boss: Person;
  beforeEach(async () => {
    vault = await startTestVault();
    boss = await owner(vault);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;
  const entries = async (): Promise<string[]> => {
    const rows = await vault.context.reader.selectFrom('audit_entries').select('action').execute();
    return rows.map(({ action }) => action).filter((action) => /frozen|thawed/.test(action));
  };
  const flag = async () =>
    (await vault.context.reader.selectFrom('leases').select('freeze_reason').execute()).map(
      ({ freeze_reason }) => freeze_reason,
    );
  /** The flag cannot be written meanwhile. */
  const failing = async (work: () => Promise<{ readonly status: number }>): Promise<void> => {
    await vault.database.edit('alter table leases rename to leases_away');
    try {
      expect((await work()).status).toBe(500);
    } finally {
      await vault.database.edit('alter table leases_away rename to leases');
    }
  };

  it('come and go together: by people', async () => {
    await failing(() => boss.ask('PUT', at('/freeze'), { reason: 'incident' }));
    expect(await entries()).toEqual([]);
    expect((await boss.ask('PUT', at('/freeze'), { reason: 'incident' })).status).toBe(204);
    expect([await entries(), await flag()]).toEqual([['vault.frozen'], ['incident']]);
    await failing(() => boss.ask('DELETE', at('/freeze')));
    expect([await entries(), await flag()]).toEqual([['vault.frozen'], ['incident']]);
    expect((await boss.ask('DELETE', at('/freeze'))).status).toBe(204);
    expect([await entries(), await flag()]).toEqual([['vault.frozen', 'vault.thawed'], [null]]);
  });

  it('come and go together: by automation', async () => {
    await failing(() => vault.request('POST', '/freeze', { reason: 'incident' }));
    expect(await entries()).toEqual([]);
    expect((await vault.request('POST', '/freeze', { reason: 'incident' })).status).toBe(200);
    expect([await entries(), await flag()]).toEqual([['vault.frozen'], ['incident']]);
  });
});
