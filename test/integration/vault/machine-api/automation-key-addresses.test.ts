import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KeyPair, newKeyPair, signText } from '#identity/key-pair.ts';
import type { StepRequest, StepsAnswer, SyncAnswer } from '#protocol/management.ts';
import { syncPayload } from '#protocol/signing.ts';
import { changeMachine, clientOf, setValues } from '#test/builders/machine.ts';
import {
  MANAGER,
  newIdentity,
  record,
  type SignedBy,
  startTestVault,
  type TestVault,
} from '#test/builders/vault.ts';
import { changeLimits } from '#vault/automation/automation-bound-changes.ts';
import { type NewAutomation, revokeAutomation } from '#vault/automation/automations.ts';
import { AddressList } from '#vault/common/addresses.ts';
import { DIRECT } from '#vault/http/network.ts';
import { admitAgain } from '#vault/machine-api/admission.ts';
import { MachineDirectory } from '#vault/machine-api/directory.ts';
import { addKey } from '#vault/machines/machines.ts';
import { owner, type Person } from '../world/people.ts';

const OPERATOR = '10.1.2.3';
const PODS = '10.9.2.3';
const ELSEWHERE = '192.0.2.7';
const NOT_ALLOWED = '403 the vault takes no requests from this address';

let vault: TestVault;
let boss: Person;
let secretId: string;
beforeEach(async () => {
  vault = await startTestVault({
    network: { ...DIRECT, trustedProxies: new AddressList(['127.0.0.1']) },
  });
  boss = await owner(vault);
  secretId = (await setValues(vault, { 'web/cookie': 'c1' }))['web/cookie'] ?? '';
});
afterEach(() => vault[Symbol.asyncDispose]());

const identity = (fields: Partial<NewAutomation>) =>
  newIdentity(vault.context, vault.vaultId, vault.owner, { managers: [MANAGER], ...fields });

const from = (source: string) => ({ headers: { 'x-forwarded-for': source } });

/** Steps under a lease of their own, from where the operator is. */
async function run(as: SignedBy, requests: readonly Omit<StepRequest, 'idempotencyKey' | 'provenance'>[]) {
  const by = { as, ...from(OPERATOR) };
  const lease = { manager: MANAGER, installation: crypto.randomUUID() };
  const { fencing } = (await vault.request<{ fencing: number }>('POST', '/lease', lease, by)).body;
  const fence = { ...lease, fencing };
  const steps = requests.map((step) => ({ ...step, idempotencyKey: crypto.randomUUID(), provenance: {} }));
  const { body } = await vault.request<StepsAnswer>('POST', '/steps', { fence, steps }, by);
  await vault.request('DELETE', '/lease', fence, by);
  return body.results.map((answer) =>
    answer.status === 'Done' ? (answer.machineId ?? 'Done') : answer.status,
  );
}

/** A machine that the identity registers and grants the secret. */
async function machineOf(as: SignedBy, name = 'api') {
  const keys = newKeyPair();
  const access = [{ project: 'web', secrets: ['cookie'] }];
  const [id = ''] = await run(as, [
    {
      action: { kind: 'RegisterMachine', key: name, before: null, after: {} },
      publicKey: keys.publicKey.text,
      record: record('MachineBinding', name, { access: [] }),
    },
    { action: { kind: 'SetMachineAccess', key: name, before: { access: [] }, after: { access } } },
  ]);
  return { id, name, keys };
}

async function readFrom(source: string, machine: { id: string; name: string; keys: KeyPair }) {
  const client = clientOf(vault, machine, machine.keys);
  const { status, body } = await client.send('GET', '/v1/secrets', undefined, from(source));
  return status === 200 ? '200' : `${status} ${(body as { error: string }).error}`;
}

async function syncFrom(
  source: string,
  as: SignedBy,
  { id: machineId, keys }: { id: string; keys: KeyPair },
) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const nonce = crypto.randomUUID();
  const { audience, vaultId } = vault;
  const proof = signText(keys.privateKey, syncPayload({ audience, vaultId, machineId, timestamp, nonce }));
  const machines = [{ machineId, timestamp, nonce, proof, secrets: [secretId] }];
  const { status, body } = await vault.request<SyncAnswer>(
    'POST',
    '/sync',
    { machines },
    { as, ...from(source) },
  );
  const [answer] = body.machines ?? [];
  return answer === undefined
    ? String(status)
    : (answer.error ?? answer.secrets.map(({ value }) => value).join());
}

describe('a machine that automation registers (V4)', () => {
  it('is answered only from where its delegation says that its machines are, by poll and by sync', async () => {
    const as = await identity({ addresses: ['10.0.0.0/8'], machineAddresses: ['10.9.0.0/16'] });
    const machine = await machineOf(as);
    expect(await readFrom(PODS, machine)).toBe('200');
    expect(await readFrom(OPERATOR, machine)).toBe(NOT_ALLOWED);
    expect(await readFrom(ELSEWHERE, machine)).toBe(NOT_ALLOWED);
    expect(await syncFrom(PODS, as, machine)).toBe('c1');
    expect(await syncFrom(OPERATOR, as, machine)).toBe('NotAllowed');
    expect(await syncFrom(ELSEWHERE, as, machine)).toBe('403');
  });

  it('is answered from where the automation itself is where nothing is said of machines', async () => {
    const machine = await machineOf(await identity({ addresses: ['10.1.0.0/16'] }));
    expect([await readFrom(OPERATOR, machine), await readFrom(PODS, machine)]).toEqual(['200', NOT_ALLOWED]);
    const unbounded = await machineOf(await identity({}), 'free');
    expect([await readFrom(OPERATOR, unbounded), await readFrom(ELSEWHERE, unbounded)]).toEqual([
      '200',
      '200',
    ]);
  });

  it('is held to it whatever the IP allowlist of the vault lets through beside it, and to that as well', async () => {
    const machine = await machineOf(await identity({ machineAddresses: ['10.0.0.0/8'] }));
    const allow = (range: string) =>
      boss.ask('PUT', `/vaults/${vault.vaultId}/ip-allowlist`, { enabled: true, entries: [{ range }] });
    await allow('192.0.2.0/24');
    expect([await readFrom(ELSEWHERE, machine), await readFrom(PODS, machine)]).toEqual([
      NOT_ALLOWED,
      NOT_ALLOWED,
    ]);
    await allow('10.9.0.0/16');
    expect([await readFrom(OPERATOR, machine), await readFrom(PODS, machine)]).toEqual([NOT_ALLOWED, '200']);
  });

  it('is held to none by a key that a person adds', async () => {
    const { id, name } = await machineOf(await identity({ machineAddresses: ['10.0.0.0/8'] }));
    const keys = newKeyPair();
    await changeMachine(vault, name, (act, row) => addKey(act, row, keys.publicKey, vault.owner.accountId));
    expect(await readFrom(ELSEWHERE, { id, name, keys })).toBe('200');
  });

  it('goes by what the owner says now, with its next request', async () => {
    const as = await identity({ machineAddresses: ['10.9.0.0/16'] });
    const machine = await machineOf(as);
    await vault.context.act(vault.vaultId, vault.owner, (act) =>
      changeLimits(act, as.id, { machineAddresses: ['192.0.2.0/24'] }),
    );
    expect([await readFrom(ELSEWHERE, machine), await readFrom(PODS, machine)]).toEqual(['200', NOT_ALLOWED]);
  });

  it('keeps the addresses of an identity that is over, until another one follows it in its manager', async () => {
    const before = await identity({ machineAddresses: ['10.9.0.0/16'] });
    const machine = await machineOf(before);
    await vault.context.act(vault.vaultId, vault.owner, (act) => revokeAutomation(act, before.id));
    await identity({ managers: ['acme/other'], machineAddresses: ['192.0.2.0/24'] });
    expect([await readFrom(PODS, machine), await readFrom(ELSEWHERE, machine)]).toEqual(['200', NOT_ALLOWED]);
    await identity({ machineAddresses: ['192.0.2.0/24'] });
    expect([await readFrom(PODS, machine), await readFrom(ELSEWHERE, machine)]).toEqual([NOT_ALLOWED, '200']);
  });

  it('is not answered by a request that was under way when the owner moved it', async () => {
    const as = await identity({ machineAddresses: ['10.9.0.0/16'] });
    const { id } = await machineOf(as);
    const directory = new MachineDirectory(vault.context.reader);
    const machine = await directory.find(id);
    if (machine === null) throw new Error('there is no machine');
    const asked = {
      ...{ machine, key: machine.keys[0]?.fingerprint ?? '', nonce: 'n', source: PODS, call: 'GET' },
      isPoll: false,
      ...{ read: [], observed: [], refused: [] },
    };
    await vault.context.act(vault.vaultId, vault.owner, (act) =>
      changeLimits(act, as.id, { machineAddresses: ['192.0.2.0/24'] }),
    );
    const { revision } = await vault.snapshot();
    const present = { at: directory.at.bind(directory), isThere: async () => true };
    const [admission] = await admitAgain(present, [asked], revision, Date.now());
    expect(admission?.left).toMatchObject({ code: 'NotAllowed' });
  });
});
