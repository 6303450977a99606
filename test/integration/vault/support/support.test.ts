import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestVault, type TestVault } from '#test/builders/vault.ts';
import { cellHolders } from '../world/cell-holders.ts';
import { owner } from '../world/people.ts';

describe('the support of a vault', () => {
  let vault: TestVault;
  beforeEach(async () => {
    vault = await startTestVault();
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const at = (): string => `/vaults/${vault.vaultId}/support`;
  const support = { contact: 'vault-help@acme.example', runbookUrl: 'https://wiki.acme.example/vault' };

  it('is shown to members with Support: View, edited with Support: Manage, and audited (V3, A1)', async () => {
    const { viewer, manager } = await cellHolders(vault, 'Support');
    expect((await viewer.ask('GET', at())).body).toEqual({ contact: '', runbookUrl: '' });
    expect((await viewer.ask('PUT', at(), support)).status).toBe(403);
    expect((await manager.ask('PUT', at(), support)).status).toBe(204);
    expect((await manager.ask('GET', at())).status).toBe(403);
    expect((await viewer.ask('GET', at())).body).toEqual(support);
    const boss = await owner(vault);
    const { body } = await boss.ask<{
      entries: { action: string; actor: { name: string }; details: object }[];
    }>('GET', `/vaults/${vault.vaultId}/audit?limit=500`);
    const entry = body.entries.find(({ action }) => action === 'support.set');
    expect(entry).toMatchObject({ actor: { name: 'manage' }, details: support });
  });

  it('has a runbook by https alone, so that a link of it runs nothing', async () => {
    const boss = await owner(vault);
    for (const runbookUrl of ['javascript:alert(1)', 'http://wiki.acme.example', 'wiki']) {
      const answer = await boss.ask('PUT', at(), { ...support, runbookUrl });
      expect(answer, runbookUrl).toMatchObject({ status: 400, body: { code: 'InvalidRequest' } });
    }
    expect((await boss.ask('PUT', at(), { contact: '', runbookUrl: '' })).status).toBe(204);
  });
});
