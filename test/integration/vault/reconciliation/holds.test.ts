import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '#model/digest.ts';
import type { HeldLosses } from '#model/loss.ts';
import type { Problem } from '#protocol/management.ts';
import { startTestVault, type TestVault } from '#test/builders/vault.ts';

const [A, B, C] = ['a', 'b', 'c'].map((text) => sha256(text)).sort() as [string, string, string];

describe('rail 1: what is held, the vault keeps', () => {
  let vault: TestVault;
  beforeAll(async () => {
    vault = await startTestVault();
  });
  afterAll(() => vault[Symbol.asyncDispose]());

  const keep = async (holds: readonly HeldLosses[]) =>
    vault.request<Problem>('POST', '/holds', { fence: await vault.fence(), holds });
  const told = async () => {
    const rows = await vault.context.reader
      .selectFrom('audit_entries')
      .select('entry')
      .where('vault_id', '=', vault.vaultId)
      .where('action', 'like', 'losses.%')
      .orderBy('sequence')
      .execute();
    return rows.map(({ entry }) => {
      const { action, details } = JSON.parse(entry) as { action: string; details: object };
      return { action, ...details };
    });
  };

  it('in the snapshot, sorted, through a restart', async () => {
    expect((await vault.snapshot()).holds).toEqual([]);
    const holds = [
      { class: 'people', stepHashes: [C, A] },
      { class: 'access', stepHashes: [B] },
    ] as const;
    expect((await keep(holds)).status).toBe(204);
    const kept = [
      { class: 'access', stepHashes: [B] },
      { class: 'people', stepHashes: [A, C] },
    ];
    expect((await vault.snapshot()).holds).toEqual(kept);
    await vault.restart();
    expect((await vault.snapshot()).holds).toEqual(kept);
  });

  it('under a revision and an audit entry of its own, and under none where it is the same', async () => {
    const before = (await vault.snapshot()).revision;
    const people = { class: 'people', stepHashes: [A, C] } as const;
    await keep([people, { class: 'access', stepHashes: [B] }]);
    expect((await vault.snapshot()).revision).toBe(before);
    await keep([people]);
    expect((await vault.snapshot()).revision).toBeGreaterThan(before);
    expect(await told()).toEqual([
      { action: 'losses.held', class: 'access', steps: [B] },
      { action: 'losses.held', class: 'people', steps: [A, C] },
      { action: 'losses.released', class: 'access', steps: [B] },
    ]);
  });

  it('written by the holder of the lease alone, and not while the vault is frozen (rails 10 and 12)', async () => {
    const fence = await vault.fence();
    const forged = { ...fence, fencing: fence.fencing + 1 };
    const lost = await vault.request<Problem>('POST', '/holds', { fence: forged, holds: [] });
    expect(lost.body.code).toBe('LeaseLost');
    await vault.request('POST', '/freeze', { reason: 'incident' });
    expect((await keep([])).body.code).toBe('Frozen');
    await vault.request('DELETE', '/freeze');
    expect((await vault.snapshot()).holds).toHaveLength(1);
  });

  it.each([
    ['two holds of a class', [0, 1].map(() => ({ class: 'people', stepHashes: [A] }))],
    ['an empty hold', [{ class: 'people', stepHashes: [] }]],
    ['what is no hash', [{ class: 'people', stepHashes: ['RemoveMember'] }]],
  ])('never %s', async (_, holds) => {
    const answer = await vault.request('POST', '/holds', { fence: await vault.fence(), holds });
    expect(answer.status).toBe(400);
  });
});
