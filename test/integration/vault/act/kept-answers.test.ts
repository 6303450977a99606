import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StepRequest } from '#protocol/management.ts';
import { newIdentity, record, startTestVault, type TestVault } from '#test/builders/vault.ts';

let vault: TestVault;
beforeEach(async () => {
  vault = await startTestVault();
});
afterEach(() => vault[Symbol.asyncDispose]());

const KEY = 'key-of-one-step';
const project = (key: string, more: Partial<StepRequest> = {}) => ({
  idempotencyKey: KEY,
  action: { kind: 'CreateProject', key, before: null, after: { description: '' } } as const,
  record: record('Project', key),
  ...more,
});
const names = async (): Promise<string[]> => (await vault.snapshot()).projects.map(({ name }) => name);

describe('the idempotency key of a step (V1)', () => {
  it('gives the same step the same answer', async () => {
    const [first] = await vault.steps([project('one')]);
    expect(first?.status).toBe('Done');
    expect(await vault.steps([project('one')])).toEqual([first]);
  });

  it('is refused for another step, which does not run', async () => {
    await vault.steps([project('one')]);
    expect(await vault.steps([project('two')])).toMatchObject([
      { status: 'Refused', code: 'IdempotencyKeyReused' },
    ]);
    expect(await vault.steps([project('one', { record: null })])).toMatchObject([
      { status: 'Refused', code: 'IdempotencyKeyReused' },
    ]);
    expect(await names()).not.toContain('two');
  });

  it('is that of one identity: another one is answered what it may do itself (V3)', async () => {
    await vault.steps([project('one')]);
    const as = await newIdentity(vault.context, vault.vaultId, vault.owner, {
      abilities: ['secrets:create'],
    });
    expect(await vault.steps([project('one')], { as })).toMatchObject([
      { status: 'Refused', code: 'Forbidden' },
    ]);
  });

  it('of an answer that was kept without its request, is answered by neither running nor Done', async () => {
    await vault.fence();
    await vault.database.edit(
      `insert into kept_answers (vault_id, automation_id, key, request_hash, answer, expires_at)
        values (?, '', ?, '', '{"status":"Done"}', ?)`,
      ...[vault.vaultId, KEY, Date.now() + 60_000],
    );
    expect(await vault.steps([project('one')])).toMatchObject([
      { status: 'Refused', code: 'IdempotencyKeyReused' },
    ]);
    expect(await names()).not.toContain('one');
  });
});
