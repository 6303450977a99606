import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import type { StepAction } from '#model/step.ts';
import {
  MovedClock,
  newIdentity,
  PASSWORD,
  type SignedBy,
  startTestVault,
  type TestVault,
} from '#test/builders/vault.ts';
import { member, owner, type Person } from '../world/people.ts';

const HOUR = 3600_000;
const project = (key: string): StepAction => ({
  kind: 'CreateProject',
  key,
  before: null,
  after: { description: '' },
});
const edit = (key: string, before: string, after: string): StepAction => ({
  kind: 'UpdateProject',
  key,
  before: { description: before },
  after: { description: after },
});

describe('the bounds of an automation identity, changed by the owner (V4)', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let boss: Person;
  let ci: SignedBy;
  beforeEach(async () => {
    clock = new MovedClock();
    vault = await startTestVault({ clock });
    boss = await owner(vault);
    for (const name of ['web', 'shop']) await boss.ask('POST', at('/projects'), { name });
    ci = await newIdentity(vault.context, vault.vaultId, vault.owner, {
      name: 'ci',
      projects: ['web'],
      machinesPerHour: 1,
      expiresAt: clock.now() + HOUR,
    });
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;
  const change = (body: object, headers?: Record<string, string>) =>
    boss.ask('PATCH', at(`/automations/${ci.id}`), body, headers);
  const step = async (action: StepAction, publicKey?: string): Promise<string> => {
    const more = publicKey === undefined ? {} : { publicKey };
    const [answer] = await vault.steps([{ action, ...more }], { as: ci, fence: await vault.fence() });
    return answer?.status === 'Refused' ? answer.code : (answer?.status ?? 'none');
  };
  const register = (key: string) =>
    step({ kind: 'RegisterMachine', key, before: null, after: {} }, newKeyPair().publicKey.text);
  const listed = async () =>
    (await boss.ask<{ automations: { id: string }[] }>('GET', at('/automations'))).body.automations.find(
      ({ id }) => id === ci.id,
    );
  const entries = async () =>
    (
      await boss.ask<{ entries: { action: string; details: object }[] }>('GET', at('/audit?limit=500'))
    ).body.entries.filter(({ action }) => action === 'automation.limits-changed');

  it('act on its next request, narrowed and widened, and the audit log says which', async () => {
    expect(await step(edit('shop', '', 'one'))).toBe('Forbidden');
    expect((await change({ projects: ['web', 'shop'] })).status).toBe(204);
    expect(await step(edit('shop', '', 'one'))).toBe('Done');
    expect((await change({ projects: ['shop'], machinesPerHour: 2 })).status).toBe(204);
    expect(await step(edit('web', '', 'one'))).toBe('Forbidden');
    expect([await register('a'), await register('b'), await register('c')]).toEqual([
      ...['Done', 'Done'],
      'GainBudgetReached',
    ]);
    expect((await change({ machinesPerHour: null, projects: null })).status).toBe(204);
    expect([await register('c'), await step(project('new'))]).toEqual(['Done', 'Done']);
    expect((await change({ machinesPerHour: 0 })).status).toBe(204);
    expect(await register('d')).toBe('GainBudgetReached');
    expect((await entries()).map(({ details }) => details)).toMatchObject([
      {
        id: ci.id,
        before: { projects: ['web'] },
        after: { projects: ['shop', 'web'] },
        widened: ['projects'],
      },
      { after: { projects: ['shop'], machinesPerHour: 2 }, widened: ['machinesPerHour'] },
      { after: { projects: null, machinesPerHour: null }, widened: ['machinesPerHour', 'projects'] },
      { after: { machinesPerHour: 0 }, widened: [] },
    ]);
    expect(vault.faults).toEqual([]);
  });

  it('hold it to other addresses, for its next request (V9)', async () => {
    const asked = async () => (await vault.request('GET', '/snapshot', undefined, { as: ci })).status;
    expect(await asked()).toBe(200);
    expect((await change({ addresses: ['203.0.113.0/24'] })).status).toBe(204);
    expect(await asked()).toBe(403);
    expect((await change({ addresses: ['no range'] })).status).toBe(400);
    expect((await change({ addresses: ['203.0.113.0/24', '127.0.0.0/8'] })).status).toBe(204);
    expect(await asked()).toBe(200);
    expect((await entries()).map(({ details }) => details)).toMatchObject([
      { before: { addresses: null }, after: { addresses: ['203.0.113.0/24'] }, widened: [] },
      { widened: ['addresses', 'machineAddresses'] },
    ]);
  });

  it('hold the losses that it reserves: each class by itself, what is not named as it was', async () => {
    expect((await change({ ceilings: { access: 0 } })).status).toBe(204);
    expect(await listed()).toMatchObject({
      ceilings: { access: 0, people: 20, machines: 200 },
      projects: ['web'],
      machinesPerHour: 1,
    });
    expect(await entries()).toMatchObject([{ details: { widened: [] } }]);
    const { body } = await vault.request<{ ceilings: { access: number } }>('GET', '/snapshot', undefined, {
      as: ci,
    });
    expect(body.ceilings.access).toBe(0);
    expect((await change({ ceilings: { access: 1 } })).status).toBe(204);
    expect(await entries()).toMatchObject([{}, { details: { widened: ['ceilings'] } }]);
  });

  it('move its end, nearer or further; one that is over stays over', async () => {
    const observes = async (): Promise<number> =>
      (await vault.request('GET', '/snapshot', undefined, { as: ci })).status;
    expect((await change({ expiresAt: clock.now() + 2 * HOUR })).status).toBe(204);
    clock.advance(HOUR);
    expect(await observes()).toBe(200);
    await boss.ask('POST', '/sessions/current/proof', { password: PASSWORD });
    expect((await change({ expiresAt: clock.now() })).body).toMatchObject({ code: 'Invalid' });
    expect((await change({ expiresAt: clock.now() + 1 })).status).toBe(204);
    clock.advance(1);
    expect(await observes()).toBe(401);
    expect(await change({ expiresAt: null })).toMatchObject({
      status: 422,
      body: { code: 'Invalid', detail: 'ci has ended.' },
    });
    expect(await listed()).toMatchObject({ state: 'Expired' });
  });

  it('are changed by the owner alone, after a proof, and on what they looked at (If-Match)', async () => {
    const { etag } = (await boss.ask('GET', at('/automations'))).headers;
    await boss.ask('POST', at('/projects'), { name: 'since' });
    expect(await change({ machinesPerHour: 5 }, { 'if-match': String(etag) })).toMatchObject({
      status: 412,
      body: { code: 'Stale' },
    });
    const alice = await member(vault, 'alice@acme.example', { role: 'Admin' });
    expect(await alice.ask('PATCH', at(`/automations/${ci.id}`), {})).toMatchObject({ status: 403 });
    clock.advance(5 * 60_000 + 1);
    expect(await change({ machinesPerHour: 5 })).toMatchObject({
      status: 403,
      body: { code: 'ProofNeeded' },
    });
    expect(await listed()).toMatchObject({ machinesPerHour: 1 });
  });

  it('are refused where they are none, and nothing is written where nothing changes', async () => {
    for (const body of [
      { machinesPerHour: -1 },
      { ceilings: { pets: 1 } },
      { abilities: [] },
      { expiresAt: 'x' },
    ]) {
      expect(await change(body), JSON.stringify(body)).toMatchObject({ body: { code: 'InvalidRequest' } });
    }
    expect(await change({ projects: ['web', 'nowhere'] })).toMatchObject({ body: { code: 'NotFound' } });
    expect((await change({})).status).toBe(204);
    expect((await change({ projects: ['web'], machinesPerHour: 1 })).status).toBe(204);
    expect(await entries()).toEqual([]);
    await boss.ask('DELETE', at(`/automations/${ci.id}`));
    expect(await change({ machinesPerHour: 5 })).toMatchObject({ status: 404, body: { code: 'NotFound' } });
  });
});
