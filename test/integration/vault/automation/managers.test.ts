import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import type { Problem } from '#protocol/management.ts';
import {
  access,
  MANAGER,
  MovedClock,
  newIdentity,
  OTHER_MANAGER,
  record,
  type SignedBy,
  startTestVault,
  type TestVault,
} from '#test/builders/vault.ts';
import { changeLimits } from '#vault/automation/automation-bound-changes.ts';
import { revokeAutomation } from '#vault/automation/automations.ts';

const clock = new MovedClock();
let vault: TestVault;

beforeEach(async () => {
  vault = await startTestVault({ clock, automation: { managers: undefined } });
});
afterEach(() => vault[Symbol.asyncDispose]());

const made = (managers?: string[]) => newIdentity(vault.context, vault.vaultId, vault.owner, { managers });
const take = (as: SignedBy, manager: string) =>
  vault.request<Problem>('POST', '/lease', { manager, installation: as.id }, { as });
const managersOf = async ({ id }: SignedBy) => {
  const { managers } = await vault.context.reader
    .selectFrom('automations')
    .select('managers')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return managers === null ? null : (JSON.parse(managers) as string[]);
};
const invite = { kind: 'InviteMember', key: 'bob@acme.example', before: null, after: access() } as const;

describe('the managers that a delegation acts for (V4)', () => {
  it('are those that the owner named, and another name takes no lease', async () => {
    const as = await made([MANAGER]);
    const answer = await take(as, OTHER_MANAGER);
    expect(answer).toMatchObject({ status: 403, body: { code: 'Forbidden' } });
    expect(answer.body.detail).toBe(
      `The delegation is bounded to the managers ${MANAGER}; this is ${OTHER_MANAGER}.`,
    );
    expect((await take(as, MANAGER)).status, 'the control').toBe(200);
  });

  it('are the one under which it first takes the lease, where the owner named none', async () => {
    const as = await made();
    expect(await managersOf(as)).toBeNull();
    expect((await take(as, MANAGER)).status).toBe(200);
    expect(await managersOf(as)).toEqual([MANAGER]);
    expect(await take(as, OTHER_MANAGER)).toMatchObject({ status: 403 });
  });

  it('are not kept by a lease that was not granted', async () => {
    await take(vault.identity, MANAGER);
    const as = await made();
    expect(await take(as, OTHER_MANAGER)).toMatchObject({
      status: 409,
      body: { code: 'ManagementConflict' },
    });
    expect(await managersOf(as)).toBeNull();
  });

  it('are never taken from another delegation, living or ended, by an identity whose owner named none', async () => {
    const theirs = await made([MANAGER]);
    const as = await made();
    const refused = await take(as, MANAGER);
    expect(refused).toMatchObject({ status: 403, body: { code: 'Forbidden' } });
    expect(refused.body.next).toContain(
      `seneschal vault automation set-bounds ${as.id} --managers ${MANAGER}`,
    );
    expect((await vault.changes('since=0&wait=0')).volatile, 'the holder is asked nothing').toMatchObject({
      yieldRequested: false,
    });
    await vault.context.act(vault.vaultId, vault.owner, (act) => revokeAutomation(act, theirs.id));
    expect((await take(as, MANAGER)).status).toBe(403);
    expect(await managersOf(as)).toBeNull();
    await vault.context.act(vault.vaultId, vault.owner, (act) =>
      changeLimits(act, as.id, { managers: [MANAGER] }),
    );
    expect((await take(as, MANAGER)).status, 'the control').toBe(200);
  });

  it('are never a name by which records go, whoever had it', async () => {
    const theirs = await made([MANAGER]);
    const fence = await vault.lease(MANAGER, 'installation-1', theirs);
    await vault.steps([{ action: invite, record: record('Member', invite.key) }], { as: theirs, fence });
    await vault.request('DELETE', '/lease', fence, { as: theirs });
    await vault.context.act(vault.vaultId, vault.owner, (act) =>
      changeLimits(act, theirs.id, { managers: [OTHER_MANAGER] }),
    );
    const as = await made();
    expect((await take(as, MANAGER)).status).toBe(403);
    expect((await take(as, 'platform/new')).status, 'the control').toBe(200);
  });

  it('are changed by the owner', async () => {
    const as = await made([MANAGER]);
    await vault.context.act(vault.vaultId, vault.owner, (act) =>
      changeLimits(act, as.id, { managers: [OTHER_MANAGER] }),
    );
    expect((await take(as, OTHER_MANAGER)).status).toBe(200);
    expect((await take(as, MANAGER)).status).toBe(403);
  });

  it('bind every write: the fence of another, which everybody who observes sees, is of no use', async () => {
    const fence = await vault.lease(MANAGER, 'installation-1');
    const as = await made([OTHER_MANAGER]);
    const { volatile } = await vault.changes('since=0&wait=0');
    expect(volatile.lease).toMatchObject(fence);
    expect(await vault.steps([{ action: invite }], { as, fence })).toMatchObject([{ code: 'Forbidden' }]);
    const query = new URLSearchParams({ ...fence, fencing: String(fence.fencing) });
    const writes: [string, string, unknown?][] = [
      ['POST', '/holds', { fence, holds: [] }],
      ['POST', '/sightings', { fence, sightings: [] }],
      ['POST', '/reservations', { fence, class: 'people', actions: [invite], approval: null }],
      ['DELETE', '/lease', fence],
      ['GET', `/changes?since=0&wait=0&${query}`],
    ];
    for (const [method, path, body] of writes) {
      const answer = await vault.request<Problem>(method, path, body, { as });
      expect([answer.status, answer.body?.code], `${method} ${path}`).toEqual([403, 'Forbidden']);
      const control = await vault.request(method, path, body);
      expect(control.status, `${method} ${path}, the control`).toBeLessThan(method === 'GET' ? 300 : 409);
    }
  });

  it('bind an identity that took no lease yet', async () => {
    const fence = await vault.lease(MANAGER, 'installation-1');
    const as = await made();
    expect(await vault.steps([{ action: invite }], { as, fence })).toMatchObject([{ code: 'Forbidden' }]);
  });

  it('are how a new identity follows an old one: it finds records and machines, and goes on with them', async () => {
    const keys = newKeyPair();
    const [registered] = await vault.steps([
      {
        action: { kind: 'RegisterMachine', key: 'builder', before: null, after: {} },
        publicKey: keys.publicKey.text,
        record: record('MachineBinding', 'builder', { access: [] }),
      },
    ]);
    expect(registered?.status).toBe('Done');
    const fence = await vault.fence();
    await vault.request('DELETE', '/lease', fence);
    await vault.context.act(vault.vaultId, vault.owner, (act) => revokeAutomation(act, vault.identity.id));

    const as = await newIdentity(vault.context, vault.vaultId, vault.owner, {
      managers: [MANAGER],
      projects: [],
    });
    const next = await vault.lease(MANAGER, 'installation-2', as);
    expect((await vault.snapshot(as)).records).toMatchObject([{ key: 'builder', manager: MANAGER }]);
    const extra = newKeyPair().publicKey;
    const before = { fingerprints: [keys.publicKey.fingerprint] };
    const action = {
      kind: 'AddMachineKey',
      key: 'builder',
      before,
      after: { fingerprint: extra.fingerprint },
    } as const;
    const results = await vault.steps([{ action, publicKey: extra.text }], { as, fence: next });
    expect(results, 'its own machine, though another identity registered it').toMatchObject([
      { status: 'Done' },
    ]);
  });
});
