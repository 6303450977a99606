import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TraceAnswer, TraceRequest } from '#protocol/management.ts';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { newIdentity, type SignedBy, startTestVault, type TestVault } from '#test/builders/vault.ts';

let vault: TestVault;
beforeAll(async () => {
  vault = await startTestVault();
});
afterAll(() => vault[Symbol.asyncDispose]());

const trace = async (request: Partial<TraceRequest>): Promise<TraceAnswer> => {
  const asked = { subjects: [], reads: null, ...request };
  const { status, body } = await vault.request<TraceAnswer>('POST', '/trace', asked);
  expect(status).toBe(200);
  return body;
};

describe('the trace of things in the vault', () => {
  it('has the entries about them, newest first, and of nothing else that is called so', async () => {
    await setValues(vault, { "web/a%_'": 'one', 'web/b': 'two' });
    const { entries, lookedBackTo } = await trace({
      subjects: [
        { kind: 'Secret', key: "web/a%_'" },
        { kind: 'Project', key: 'web' },
      ],
    });
    expect(entries.map(({ action, subject }) => `${action} ${subject.key}`)).toEqual([
      "secret.created web/a%_'",
      'project.created web',
    ]);
    expect(entries[0]).toMatchObject({ id: expect.stringMatching(/^aud_/), actor: { type: 'member' } });
    expect(lookedBackTo).toEqual({ entries: null, reads: null });
  });

  it('has who read what from where, how often and when last, and no value', async () => {
    const ids = await setValues(vault, { 'shop/key': 'planted', 'shop/other': 'planted' });
    const { id, client } = await newMachine(vault, 'shop', [{ project: 'shop', secrets: ['key', 'other'] }]);
    await client.secret(ids['shop/key'] ?? '');
    await client.secret(ids['shop/key'] ?? '');
    await client.secret(ids['shop/other'] ?? '');
    const secrets = [ids['shop/key'] ?? ''];
    const { reads, keys } = await trace({ reads: { secrets, machines: [], since: 0 } });
    expect(reads).toEqual([
      {
        ...{ machine: id, secret: ids['shop/key'], source: '127.0.0.1', by: 'Machine', times: 2 },
        first: expect.any(Number),
        last: expect.any(Number),
      },
    ]);
    // Of the read after the last one of that secret; it is known before it is written down.
    expect(keys).toEqual([
      expect.objectContaining({ machine: 'shop', lastUsedAt: expect.any(Number), lastUsedFrom: '127.0.0.1' }),
    ]);
    expect(keys[0]?.lastUsedAt).toBeGreaterThanOrEqual(reads[0]?.last ?? Number.POSITIVE_INFINITY);
    const byMachine = await trace({ reads: { secrets: [], machines: [id], since: 0 } });
    expect(byMachine.reads.map(({ secret }) => secret).sort()).toEqual(
      [ids['shop/key'], ids['shop/other']].sort(),
    );
    expect(JSON.stringify(byMachine)).not.toContain('planted');
    const later = { secrets, machines: [], since: vault.context.clock.now() + 1 };
    expect((await trace({ reads: later })).reads).toEqual([]);
  });

  it('tells an identity that is bounded to projects nothing of who or what acts in others too (V4)', async () => {
    await setValues(vault, { 'own/key': 'planted', 'other/key': 'planted' });
    await newMachine(vault, 'within', [{ project: 'own', secrets: ['key'] }]);
    await newMachine(vault, 'both', [
      { project: 'own', secrets: ['key'] },
      { project: 'other', secrets: ['key'] },
    ]);
    const subjects = [
      { kind: 'Project', key: 'own' },
      { kind: 'Project', key: 'other' },
      { kind: 'MachineBinding', key: 'both' },
      { kind: 'Member', key: 'owner@acme.example' },
      { kind: 'Vault', key: vault.vaultId },
    ];
    const bounded = await newIdentity(vault.context, vault.vaultId, vault.owner, { projects: ['own'] });
    const told = async (as: SignedBy) => {
      const { body } = await vault.request<TraceAnswer>('POST', '/trace', { subjects, reads: null }, { as });
      return {
        about: [...new Set(body.entries.map(({ subject }) => `${subject.kind} ${subject.key}`))],
        machines: [...new Set(body.keys.map(({ machine }) => machine))],
      };
    };
    expect(await told(bounded)).toEqual({ about: ['Project own'], machines: ['within'] });
    const all = await told(vault.identity);
    expect(all.about).toEqual(expect.arrayContaining(['Project other', 'MachineBinding both']));
    expect(all.machines).toEqual(expect.arrayContaining(['both', 'within']));
  });
});
