import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { startTestVault, type TestVault } from '#test/builders/vault.ts';
import { type ChainLink, verifyChain } from '#vault/audit/chain.ts';

describe('reads of machines in the audit log (A3)', () => {
  let vault: TestVault;
  beforeAll(async () => {
    vault = await startTestVault();
  });
  afterAll(() => vault[Symbol.asyncDispose]());

  const chain = async () => {
    const rows = await vault.context.reader
      .selectFrom('audit_entries')
      .selectAll()
      .orderBy('sequence')
      .execute();
    return rows as (ChainLink & { action: string })[];
  };

  it('are one entry an export, by the machine, with versions and no value', async () => {
    const ids = await setValues(vault, { 'web/a': 'planted-a', 'web/b': 'planted-b' });
    const { id, client } = await newMachine(vault, 'web', [{ project: 'web', secrets: ['a', 'b'] }]);
    const before = (await chain()).length;
    await client.exported();
    const [entry, ...others] = (await chain()).slice(before);
    expect(others).toEqual([]);
    expect(JSON.parse(entry?.entry ?? '{}')).toMatchObject({
      action: 'secrets.read',
      actor: { type: 'machine', id, name: 'web' },
      details: {
        reads: [
          {
            source: '127.0.0.1',
            call: 'POST /v1/secrets/export',
            secrets: [
              { id: ids['web/a'], version: 1 },
              { id: ids['web/b'], version: 1 },
            ],
          },
        ],
      },
    });
    expect(entry?.entry).not.toContain('planted');
  });

  it('are in the chain once each when many come at once', async () => {
    const ids = await setValues(vault, { 'web/c': 'c' });
    const { client } = await newMachine(vault, 'burst', [{ project: 'web', secrets: ['c'] }]);
    const before = (await chain()).length;
    await Promise.all(Array.from({ length: 200 }, () => client.secret(ids['web/c'] ?? '')));
    const blocks = (await chain()).slice(before);
    const reads = blocks.flatMap(({ entry }) => JSON.parse(entry).details.reads as object[]);
    expect(reads).toHaveLength(200);
    expect(verifyChain(vault.vaultId, await chain())).toMatchObject({ intact: true });
  });

  it('name the machine that read as who acts, each its own, where several are answered in one commit (A1)', async () => {
    const ids = await setValues(vault, { 'web/shared': 's' });
    const access = [{ project: 'web', secrets: ['shared'] }];
    const machines = await Promise.all(
      ['one', 'two', 'three'].map((name) => newMachine(vault, name, access)),
    );
    const before = (await chain()).length;
    await Promise.all(machines.map(({ client }) => client.secret(ids['web/shared'] ?? '')));
    const entries = (await chain())
      .slice(before)
      .map(
        ({ entry }) =>
          JSON.parse(entry) as { actor: { name: string }; details: { reads: readonly object[] } },
      );
    expect(entries.map(({ actor }) => actor.name).sort()).toEqual(['one', 'three', 'two']);
    for (const { actor, details } of entries) {
      const { id } = machines[['one', 'two', 'three'].indexOf(actor.name)] as { id: string };
      expect(actor).toEqual({ type: 'machine', id, name: actor.name });
      expect(details.reads).toHaveLength(1);
    }
    expect(verifyChain(vault.vaultId, await chain())).toMatchObject({ intact: true });
  });

  it('refused are not audited as reads', async () => {
    const ids = await setValues(vault, { 'web/d': 'd' });
    const { client } = await newMachine(vault, 'refused');
    const before = (await chain()).length;
    expect((await client.send('GET', `/v1/secret/${ids['web/d']}`)).status).toBe(403);
    expect(await chain()).toHaveLength(before);
  });

  it('leave the configuration revision where it is', async () => {
    const ids = await setValues(vault, { 'web/e': 'e' });
    const { client } = await newMachine(vault, 'still', [{ project: 'web', secrets: ['e'] }]);
    const { revision } = await vault.snapshot();
    await client.secret(ids['web/e'] ?? '');
    expect((await vault.snapshot()).revision).toBe(revision);
  });
});
