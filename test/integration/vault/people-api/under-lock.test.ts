import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestVault, type TestVault } from '#test/builders/vault.ts';
import type { VaultContext } from '#vault/act/context.ts';
import { openCall } from '#vault/people-api/vault-call.ts';
import { sessionOf } from '#vault/sessions/sessions.ts';
import { member, owner, type Person } from '../world/people.ts';

describe('a caller who was let through, and is suspended before the act begins (M1, V3)', () => {
  let vault: TestVault;
  let boss: Person;
  beforeEach(async () => {
    vault = await startTestVault();
    boss = await owner(vault);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  it('is refused under the lock, and nothing of the act runs', async () => {
    const bob = await member(vault, 'bob@acme.example', { role: 'Admin' });
    const { context, vaultId } = vault;
    const session = await sessionOf(context, bob.token);
    if (session === null) throw new Error('no session');
    let isLate = false;
    const late: VaultContext = {
      ...context,
      act: async (id, actor, work) => {
        if (isLate) {
          const path = `/vaults/${vaultId}/members/bob@acme.example/suspend`;
          expect((await boss.ask('POST', path)).status).toBe(204);
        }
        return context.act(id, actor, work);
      },
    };
    const call = await openCall(late, session, { vaultId, operation: 'manageGroups', also: [] });
    let runs = 0;
    const act = () =>
      call.acting(async () => {
        runs += 1;
      });
    await act();
    isLate = true;
    await expect(act()).rejects.toMatchObject({ code: 'NotAMember', status: 403 });
    expect(runs).toBe(1);
  });
});
