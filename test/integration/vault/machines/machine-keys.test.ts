import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KeyPair, newKeyPair, parsePrivatePem } from '#identity/key-pair.ts';
import type { StepAction } from '#model/step.ts';
import { clientOf, newMachine, setValues } from '#test/builders/machine.ts';
import { MovedClock, record, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { member, owner, type Person } from '../world/people.ts';

interface Added {
  readonly fingerprint: string;
  readonly bundle: Record<string, string> | null;
  readonly code?: string;
}
interface Listed {
  readonly keys: { fingerprint: string; lastUsedAt: number | null }[];
}

const clock = new MovedClock();
let vault: TestVault;
let boss: Person;
let secret: string;
let first: { id: string; keys: KeyPair };
beforeEach(async () => {
  vault = await startTestVault({ clock });
  boss = await owner(vault);
  secret = (await setValues(vault, { 'web/cookie': 'c1' }))['web/cookie'] ?? '';
  first = await newMachine(vault, 'ci', [{ project: 'web', secrets: ['cookie'] }]);
});
afterEach(() => vault[Symbol.asyncDispose]());

const at = (path: string): string => `/vaults/${vault.vaultId}/machines/ci${path}`;
const add = (body: object, by: Person = boss) => by.ask<Added>('POST', at('/keys'), body);
const revoke = (fingerprint: string) => boss.ask('DELETE', at(`/keys/${fingerprint}`));
const reads = async (keys: KeyPair): Promise<number> => {
  const client = clientOf(vault, { id: first.id, name: 'ci' }, keys);
  return (await client.send('GET', `/v1/secret/${secret}`, undefined, { now: clock.now() })).status;
};
const keysOf = async (): Promise<Listed['keys']> => {
  const { body } = await boss.ask<{ machines: Listed[] }>('GET', `/vaults/${vault.vaultId}/machines`);
  return body.machines[0]?.keys ?? [];
};

describe('the two keys of a machine, by people (design §8)', () => {
  it('a second one is made here and answered once as a bundle; both read until one is revoked', async () => {
    clock.advance(1);
    const { status, body } = await add({});
    const keys = parsePrivatePem(body.bundle?.['private.pem'] ?? '');
    if (status !== 201 || keys === undefined) throw new Error(body.code);
    expect(JSON.parse(body.bundle?.['identity.json'] ?? '')).toMatchObject({
      machineId: first.id,
      machineName: 'ci',
    });
    expect([await reads(first.keys), await reads(keys)]).toEqual([200, 200]);
    expect((await revoke(first.keys.publicKey.fingerprint)).status).toBe(204);
    expect([await reads(first.keys), await reads(keys)]).toEqual([401, 200]);
    expect((await keysOf()).map(({ fingerprint }) => fingerprint)).toEqual([body.fingerprint]);
  });

  it('each shows its own last use', async () => {
    const keys = newKeyPair();
    await add({ publicKey: keys.publicKey.text });
    expect((await keysOf()).map(({ lastUsedAt }) => lastUsedAt)).toEqual([null, null]);
    await reads(keys);
    const used = clock.now();
    await vault.restart();
    const uses = new Map((await keysOf()).map(({ fingerprint, lastUsedAt }) => [fingerprint, lastUsedAt]));
    expect(uses.get(keys.publicKey.fingerprint)).toBe(used);
    expect(uses.get(first.keys.publicKey.fingerprint)).toBeNull();
  });

  it('the last one cannot be revoked, a third not added, and none twice in a vault', async () => {
    const fingerprint = first.keys.publicKey.fingerprint;
    expect(await revoke(fingerprint)).toMatchObject({ status: 409, body: { code: 'LastKey' } });
    expect(await revoke('ab'.repeat(32))).toMatchObject({ status: 404, body: { code: 'NotFound' } });
    const same = await add({ publicKey: first.keys.publicKey.text });
    expect(same).toMatchObject({ status: 409, body: { code: 'FingerprintTaken' } });
    expect((await add({})).status).toBe(201);
    expect(await add({})).toMatchObject({ status: 409, body: { code: 'KeySlotsBusy' } });
    expect(await add({ publicKey: 'AAAA' })).toMatchObject({ status: 422, body: { code: 'Invalid' } });
  });

  it('who adds one could read what the machine reads: it takes Secrets: Manage in its projects too (H1)', async () => {
    const template = {
      kind: 'CreateTemplate',
      key: 'machinist',
      before: null,
      after: { description: '', capabilities: { Machines: ['View', 'Manage'] }, projectScope: 'All' },
    } as StepAction;
    const more = { record: record('PermissionTemplate', 'machinist') };
    expect(await vault.step(template, more)).toBe('Done');
    const alice = await member(vault, 'alice@acme.example', { template: 'machinist' });
    expect(await add({}, alice)).toMatchObject({ status: 403, body: { code: 'Forbidden' } });
    expect(await keysOf()).toHaveLength(1);
  });

  it('one that a person revoked is not brought back by a manager, unless the entry is named (rail 7)', async () => {
    const keys = newKeyPair();
    const { fingerprint, text } = keys.publicKey;
    const step: StepAction = {
      kind: 'AddMachineKey',
      key: 'ci',
      before: { fingerprints: [first.keys.publicKey.fingerprint] },
      after: { fingerprint },
    };
    const more = { publicKey: text, record: record('MachineBinding', 'ci') };
    expect(await vault.step(step, { ...more, approval: await vault.approved([step]) })).toBe('Done');
    expect((await revoke(fingerprint)).status).toBe(204);
    expect(await vault.step(step, more)).toBe('Tombstoned');
    const [tombstone] = (await vault.snapshot()).tombstones;
    expect(tombstone).toMatchObject({ act: 'MachineKeyRevoked', item: fingerprint, actor: 'owner' });
    expect(await vault.step(step, { ...more, reinstate: tombstone?.entry ?? '' })).toBe('Done');
    expect(await reads(keys)).toBe(200);
    expect((await vault.snapshot()).tombstones).toEqual([]);
  });
});

describe('what a person takes from a machine (rail 7)', () => {
  const web = { project: 'web', secrets: ['cookie'] };
  const bare = { project: 'web', secrets: [] };
  const set = (before: object[], after: object[]) =>
    ({
      kind: 'SetMachineAccess',
      key: 'ci',
      before: { access: before },
      after: { access: after },
    }) as StepAction;
  const put = (access: object[]) => boss.ask('PUT', at('/access'), { access });
  const items = async () => (await vault.snapshot()).tombstones.map(({ item }) => item);

  it('a secret: no manager grants it again, a person may, and then nothing is left of the cut', async () => {
    expect((await put([bare])).status).toBe(204);
    expect(await items()).toEqual(['web/cookie']);
    expect(await vault.step(set([bare], [web]))).toBe('Tombstoned');
    expect((await put([web])).status).toBe(204);
    expect(await items()).toEqual([]);
  });

  it('a project: it speaks for the secrets within, those that were cut before among them', async () => {
    await put([bare]);
    await put([]);
    expect(await items()).toEqual(['web']);
    expect(await vault.step(set([], [bare]))).toBe('Tombstoned');
    const [tombstone] = (await vault.snapshot()).tombstones;
    expect(await vault.step(set([], [web]), { reinstate: tombstone?.entry ?? '' })).toBe('Done');
    expect(await items()).toEqual([]);
  });
});
