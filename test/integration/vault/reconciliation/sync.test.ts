import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KeyPair, newKeyPair, signText } from '#identity/key-pair.ts';
import { SecretValue } from '#model/secret-value.ts';
import type { Problem, SyncAnswer, SyncRequest } from '#protocol/management.ts';
import { syncPayload } from '#protocol/signing.ts';
import { newIdentity, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { disableMachineByPerson } from '#vault/machines/machine-state-acts.ts';
import { setByPerson } from '#vault/secrets/secret-values.ts';

let vault: TestVault;
const keys = { api: newKeyPair(), web: newKeyPair() };
const machines: Record<string, string> = {};
const secrets: Record<string, string> = {};

beforeAll(async () => {
  vault = await startTestVault();
  const set = async (name: string, value: Parameters<typeof setByPerson>[3]) => {
    const { id } = await vault.context.act(vault.vaultId, vault.owner, (act) =>
      setByPerson(act, 'Main', name, value),
    );
    secrets[name] = id;
  };
  await set('token', new SecretValue('t0ken'));
  await set('other', new SecretValue('0ther'));
  const login = { user: new SecretValue('u'), password: new SecretValue('p') };
  await set('login', new Map(Object.entries(login)));
  for (const [name, pair] of Object.entries(keys)) {
    const [registered] = await vault.steps([
      {
        action: { kind: 'RegisterMachine', key: name, before: null, after: {} },
        publicKey: pair.publicKey.text,
      },
      {
        action: {
          kind: 'SetMachineAccess',
          key: name,
          before: { access: [] },
          after: { access: [{ project: 'Main', secrets: ['login', 'token'] }] },
        },
      },
    ]);
    machines[name] = registered?.status === 'Done' ? (registered.machineId ?? '') : '';
  }
});
afterAll(async () => {
  await vault[Symbol.asyncDispose]();
});

type Claim = SyncRequest['machines'][number];

function claim(name: string, pair: KeyPair, wanted: readonly string[], more: Partial<Claim> = {}): Claim {
  const machineId = machines[name] ?? name;
  const timestamp = more.timestamp ?? String(Math.floor(Date.now() / 1000));
  const nonce = more.nonce ?? crypto.randomUUID();
  const { audience, vaultId } = vault;
  const proof = signText(pair.privateKey, syncPayload({ audience, vaultId, machineId, timestamp, nonce }));
  return { machineId, timestamp, nonce, proof, secrets: wanted.map((one) => secrets[one] ?? one) };
}

const sync = async (...claims: Claim[]) =>
  (await vault.request<SyncAnswer & Problem>('POST', '/sync', { machines: claims })).body;

describe('the sync route (V9)', () => {
  it('answers many machines at once with what was granted, and names what was not', async () => {
    const wanted = ['token', 'login', 'other', 'sk_unknown'];
    const { machines: answers } = await sync(
      claim('api', keys.api, wanted),
      claim('web', keys.web, ['token']),
    );
    expect(answers[0]).toMatchObject({
      machineId: machines.api,
      error: null,
      secrets: [
        { id: secrets.token, name: 'token', version: 1, value: 't0ken', fieldNames: null },
        { id: secrets.login, value: '{"user":"u","password":"p"}', fieldNames: 'user,password' },
      ],
      refused: [
        { id: secrets.other, reason: 'NotGranted' },
        { id: 'sk_unknown', reason: 'NotGranted' },
      ],
    });
    expect(answers[1]?.secrets.map(({ value }) => value)).toEqual(['t0ken']);
  });

  it('takes no proof of another key, another machine, another time, or twice', async () => {
    const good = claim('api', keys.api, ['token']);
    const old = String(Math.floor(Date.now() / 1000) - 302);
    const { machines: answers } = await sync(
      claim('api', keys.web, ['token']),
      { ...claim('web', keys.web, ['token']), machineId: machines.api ?? '' },
      claim('api', keys.api, ['token'], { timestamp: old }),
      good,
      good,
      claim('nobody', keys.api, ['token']),
    );
    expect(answers.map(({ error, secrets: answered }) => [error, answered.length])).toEqual([
      ['BadProof', 0],
      ['BadProof', 0],
      ['BadProof', 0],
      [null, 1],
      ['BadProof', 0],
      ['Unknown', 0],
    ]);
  });

  it('is audited as one entry a request that names machines, secrets and versions, and no value', async () => {
    await sync(claim('api', keys.api, ['token']), claim('web', keys.web, ['token']));
    const { entry } = await vault.context.reader
      .selectFrom('audit_entries')
      .select('entry')
      .orderBy('sequence', 'desc')
      .executeTakeFirstOrThrow();
    const read = { source: '127.0.0.1', secrets: [{ id: secrets.token, version: 1 }] };
    expect(JSON.parse(entry)).toMatchObject({
      action: 'secrets.synced-for-machine',
      actor: { type: 'automation', id: vault.identity.id },
      details: {
        reads: [
          { machine: machines.api, name: 'api', ...read },
          { machine: machines.web, name: 'web', ...read },
        ],
      },
    });
    expect(entry).not.toContain('t0ken');
  });

  it('moves no revision, no poll memory and no last use of a key', async () => {
    const before = await vault.changes('since=0&wait=0');
    await sync(claim('api', keys.api, ['token']));
    const after = await vault.changes('since=0&wait=0');
    expect([after.revision, after.volatile.secretRevision]).toEqual([
      before.revision,
      before.volatile.secretRevision,
    ]);
    const { reader } = vault.context;
    expect(await reader.selectFrom('machine_polls').selectAll().execute()).toEqual([]);
    const used = await reader.selectFrom('machine_keys').select('last_used_at').execute();
    expect(used.map(({ last_used_at }) => last_used_at)).toEqual([null, null]);
  });

  it('takes the ability values:sync, and answers nothing for a machine that is disabled', async () => {
    const as = await newIdentity(vault.context, vault.vaultId, vault.owner, {
      abilities: ['machines:manage'],
    });
    const body = { machines: [claim('api', keys.api, ['token'])] };
    expect((await vault.request<Problem>('POST', '/sync', body, { as })).body.code).toBe('Forbidden');
    await vault.context.act(vault.vaultId, vault.owner, (act) => disableMachineByPerson(act, 'web'));
    const { machines: answers } = await sync(claim('web', keys.web, ['token']));
    expect(answers).toMatchObject([{ error: 'Disabled', secrets: [] }]);
  });
});

describe('a sealed server (V5)', () => {
  it('answers 503 for values, reads and writes what is no value, and keeps everything over a restart', async () => {
    const before = await vault.snapshot();
    await vault.restart(null);
    expect(await vault.snapshot()).toEqual(before);
    const sealed = await vault.request<Problem>('POST', '/sync', {
      machines: [claim('api', keys.api, ['token'])],
    });
    expect([sealed.status, sealed.body.code]).toEqual([503, 'Sealed']);
    const project = { kind: 'CreateProject', key: 'new', before: null, after: { description: '' } } as const;
    expect(await vault.step(project)).toBe('Done');
    const generator = { length: 16, charset: 'Hex' } as const;
    const secret = { kind: 'CreateSecret', key: 'new/s', before: null, after: { generator } } as const;
    expect(await vault.step(secret)).toBe('Failed');
    await vault.restart();
    expect(await vault.step(secret)).toBe('Done');
    expect((await sync(claim('api', keys.api, ['token']))).machines[0]?.secrets[0]?.value).toBe('t0ken');
    expect(vault.faults).toEqual([]);
  });
});
