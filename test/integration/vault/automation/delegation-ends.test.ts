import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import type { StepAnswer } from '#protocol/management.ts';
import {
  MovedClock,
  newIdentity,
  record,
  type SignedBy,
  startTestVault,
  type TestVault,
} from '#test/builders/vault.ts';
import type { AutomationActor } from '#vault/act/actor.ts';
import { addAutomationKey, revokeAutomation, revokeAutomationKey } from '#vault/automation/automations.ts';
import { writeDelegated } from '#vault/automation/delegated-writes.ts';
import { currentDelegation } from '#vault/automation/delegation.ts';
import { takeLease } from '#vault/reconciliation/lease.ts';
import { sync } from '#vault/reconciliation/sync.ts';
import { member, owner } from '../world/people.ts';

let clock: MovedClock;
let vault: TestVault;
beforeEach(async () => {
  clock = new MovedClock();
  vault = await startTestVault({ clock });
});
afterEach(() => vault[Symbol.asyncDispose]());

const project = (key: string) => ({
  action: { kind: 'CreateProject', key, before: null, after: { description: '' } } as const,
  record: record('Project', key),
});

async function actions(): Promise<string[]> {
  const rows = await vault.context.reader
    .selectFrom('audit_entries')
    .select('action')
    .orderBy('sequence')
    .execute();
  return rows.map(({ action }) => action);
}

/** A batch of 200 steps, in the middle of which something happens. */
async function inMidBatch(happens: () => unknown, as?: SignedBy): Promise<readonly StepAnswer[]> {
  await vault.fence();
  const steps = Array.from({ length: 200 }, (_, index) => project(`p${index}`));
  const running = vault.steps(steps, as === undefined ? {} : { as });
  while (!(await actions()).includes('project.created')) await setImmediate();
  await happens();
  return running;
}

/** What ran is Done, and all after it is refused as no longer delegated. */
function expectCut(results: readonly StepAnswer[]): void {
  const done = results.filter(({ status }) => status === 'Done').length;
  expect(done).toBeGreaterThan(0);
  expect(done).toBeLessThan(200);
  for (const result of results.slice(done)) {
    expect(result).toMatchObject({ status: 'Refused', code: 'Forbidden' });
  }
}

describe('a delegation that ends while a batch of steps runs (V4)', () => {
  it('revoked, no further step of the batch runs', async () => {
    const results = await inMidBatch(() =>
      vault.context.act(vault.vaultId, vault.owner, (act) => revokeAutomation(act, vault.identity.id)),
    );
    expectCut(results);
    const after = await actions();
    expect(after.slice(after.indexOf('automation.revoked'))).toEqual(['automation.revoked']);
  });

  it('the key revoked that the batch was signed by, no further step runs', async () => {
    const { id, keys } = vault.identity;
    const second = { id, keys: newKeyPair() };
    await vault.context.act(vault.vaultId, vault.owner, (act) =>
      addAutomationKey(act, id, second.keys.publicKey.text),
    );
    const results = await inMidBatch(
      () =>
        vault.context.act(vault.vaultId, vault.owner, (act) =>
          revokeAutomationKey(act, id, second.keys.publicKey.fingerprint),
        ),
      second,
    );
    expectCut(results);
    expect((await vault.request('GET', '/snapshot', undefined, { as: { id, keys } })).status).toBe(200);
  });

  it('ownership transferred, no further step of the batch runs (O3)', async () => {
    const boss = await owner(vault);
    const heir = await member(vault, 'heir@acme.example');
    const offer = `/vaults/${vault.vaultId}/ownership-offer`;
    await boss.ask('PUT', offer, { email: 'heir@acme.example' });
    const results = await inMidBatch(() => heir.ask('POST', `${offer}/accept`, {}));
    expectCut(results);
    const after = await actions();
    expect(after.slice(after.indexOf('ownership.transferred'))).not.toContain('project.created');
  });

  it('past its end, no further step of the batch runs', async () => {
    const as = await newIdentity(vault.context, vault.vaultId, vault.owner, {
      expiresAt: clock.now() + 10_000,
    });
    expectCut(await inMidBatch(() => clock.advance(10_000), as));
  });
});

describe('a request that was let through before the delegation ended (V4)', () => {
  const write = { ifMatch: null, key: null };

  /** The identity as it was when its request came; it is over by now. */
  async function revoked(): Promise<AutomationActor> {
    const { id, keys } = vault.identity;
    const signed = { audience: vault.audience, source: '127.0.0.1', provenance: {} };
    const request = { publicKey: keys.publicKey.text, ...signed };
    const actor = await currentDelegation(vault.context.reader, { id, request }, clock.now());
    await vault.context.act(vault.vaultId, vault.owner, (act) => revokeAutomation(act, id));
    return actor;
  }

  it('answers no value of a sync any more (V9)', async () => {
    const by = { vaultId: vault.vaultId, actor: await revoked(), operation: 'sync', write } as const;
    const received = { source: '127.0.0.1', audience: vault.audience };
    const asked = sync(vault.context, by, { machines: [] }, received);
    await expect(asked).rejects.toMatchObject({ status: 401, code: 'Unauthenticated' });
  });

  it('takes no lease and writes nothing any more', async () => {
    const by = { vaultId: vault.vaultId, actor: await revoked(), operation: 'lease', write } as const;
    const lease = takeLease(vault.context, by, { manager: 'acme/acme', installation: 'late' });
    await expect(lease).rejects.toMatchObject({ status: 401, code: 'Unauthenticated' });
    const act = writeDelegated(vault.context, { ...by, operation: 'freeze' }, (one) =>
      one.auditOnly({ action: 'vault.frozen', subject: { kind: 'Vault', key: vault.vaultId } }, 'none'),
    );
    await expect(act).rejects.toMatchObject({ status: 401, code: 'Unauthenticated' });
    expect(await actions()).not.toContain('vault.frozen');
  });
});
