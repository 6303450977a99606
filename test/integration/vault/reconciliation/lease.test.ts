import { expect, it } from 'vitest';
import type { LeaseHolder } from '#model/organization.ts';
import type { Fence, Problem } from '#protocol/management.ts';
import {
  access,
  MANAGER,
  MovedClock,
  newIdentity,
  OTHER_MANAGER,
  startTestVault,
} from '#test/builders/vault.ts';
import { setFreeze } from '#vault/reconciliation/lease.ts';

const invite = { kind: 'InviteMember', key: 'alice@acme.example', before: null, after: access() } as const;
const take = (manager: string, installation: string, holder: LeaseHolder = 'Operator') =>
  ['POST', '/lease', { manager, installation, holder }] as const;

it('rail 10: an old fence cannot write once another process holds the lease', async () => {
  const clock = new MovedClock();
  await using vault = await startTestVault({ clock });
  const old = await vault.lease(MANAGER, 'first');
  await vault.request('DELETE', '/lease', old);
  const now = await vault.lease(MANAGER, 'second');
  expect(now.fencing).toBe(old.fencing + 1);
  expect(await vault.steps([{ action: invite }], { fence: old })).toMatchObject([{ code: 'LeaseLost' }]);
  expect(await vault.steps([{ action: invite }], { fence: now })).toMatchObject([{ status: 'Done' }]);
  const forged = { ...now, fencing: now.fencing + 1 };
  expect(await vault.steps([{ action: invite }], { fence: forged })).toMatchObject([{ code: 'LeaseLost' }]);
});

it('rail 10: a new leader of the same installation fences the old one off, without waiting for it', async () => {
  await using vault = await startTestVault();
  const old = await vault.lease(MANAGER, 'operator');
  const { status, body } = await vault.request<Fence>(...take(MANAGER, 'operator'));
  expect([status, body.fencing]).toEqual([200, old.fencing + 1]);
  expect(await vault.steps([{ action: invite }], { fence: old })).toMatchObject([{ code: 'LeaseLost' }]);
  const fence = { ...old, fencing: body.fencing };
  expect(await vault.steps([{ action: invite }], { fence })).toMatchObject([{ status: 'Done' }]);
});

it('rail 10: a lease that ran out writes nothing until it is taken again, with the same fencing number', async () => {
  const clock = new MovedClock();
  await using vault = await startTestVault({ clock });
  const fence = await vault.lease(MANAGER, 'first');
  clock.advance(46_000);
  expect(await vault.steps([{ action: invite }], { fence })).toMatchObject([{ code: 'LeaseLost' }]);
  expect(await vault.lease(MANAGER, 'first')).toEqual(fence);
  expect(await vault.steps([{ action: invite }], { fence })).toMatchObject([{ status: 'Done' }]);
});

it('rail 10: another manager is told who holds it, and the holder is not asked to yield', async () => {
  await using vault = await startTestVault();
  await vault.lease(MANAGER, 'first');
  const { status, body } = await vault.request<Problem>(...take('acme/other', 'second'));
  expect(status).toBe(409);
  expect(body).toMatchObject({ code: 'ManagementConflict', detail: expect.stringContaining(MANAGER) });
  const { volatile } = await vault.changes('since=0&wait=0');
  expect(volatile).toMatchObject({
    yieldRequested: false,
    lease: { manager: MANAGER, installation: 'first', holder: 'Operator', isLent: false },
  });
});

it('rail 10: another process of the manager waits, the long poll tells the holder, and the lease goes to who waits', async () => {
  await using vault = await startTestVault();
  const fence = await vault.lease(MANAGER, 'operator');
  const { revision } = await vault.snapshot();
  const polled = vault.changes(`since=${revision}&wait=30`);
  const asked = await vault.request<Problem>(...take(MANAGER, 'cli', 'CommandLine'));
  expect([asked.status, asked.body.code]).toEqual([409, 'LeaseHeld']);
  expect((await polled).volatile.yieldRequested).toBe(true);

  await vault.request('DELETE', '/lease', { ...fence, lends: true });
  // The operator itself must not take back what it has just given to the one who waits.
  const back = await vault.request<Problem>(...take(MANAGER, 'operator'));
  expect([back.status, back.body.code]).toEqual([409, 'LeaseHeld']);
  const taken = await vault.request<Fence>(...take(MANAGER, 'cli', 'CommandLine'));
  expect(taken.body.fencing).toBe(fence.fencing + 1);
});

it('rail 10: the long poll renews the lease of its holder and nobody else’s', async () => {
  const clock = new MovedClock();
  await using vault = await startTestVault({ clock });
  const { fencing, manager, installation } = await vault.lease(MANAGER, 'first');
  const query = `since=0&wait=0&manager=${encodeURIComponent(manager)}&installation=${installation}`;
  clock.advance(40_000);
  const renewed = await vault.changes(`${query}&fencing=${fencing}`);
  expect(renewed.volatile.lease?.holdsFor).toBe(45_000);
  clock.advance(40_000);
  const other = await vault.changes(`${query}&fencing=${fencing + 1}`);
  expect(other.volatile.lease?.holdsFor).toBe(5_000);
});

it('rail 10: of two operators of one manager one has the lease, and the other is told who, and asks nobody to yield', async () => {
  await using vault = await startTestVault();
  await vault.lease(MANAGER, 'one cluster');
  const { status, body } = await vault.request<Problem>(...take(MANAGER, 'another'));
  expect([status, body.code]).toEqual([409, 'ManagementConflict']);
  expect(body.detail).toContain('one cluster');
  expect((await vault.changes('since=0&wait=0')).volatile.yieldRequested).toBe(false);
});

it('rail 10: what an operator gave back any installation of the manager takes; what merely ended, its own next leader alone', async () => {
  const clock = new MovedClock();
  await using vault = await startTestVault({ clock });
  const first = await vault.lease(MANAGER, 'first');
  await vault.request('DELETE', '/lease', first);
  const second = await vault.lease(MANAGER, 'second');
  clock.advance(24 * 3_600_000);
  for (const asked of [
    take(MANAGER, 'first'),
    take(OTHER_MANAGER, 'third'),
    take(MANAGER, 'c', 'CommandLine'),
  ])
    expect((await vault.request<Problem>(...asked)).body.code).toBe('ManagementConflict');
  const { volatile } = await vault.changes('since=0&wait=0');
  expect(volatile.lease).toMatchObject({ installation: 'second', holdsFor: 0, isLent: false });
  const next = await vault.request<Fence>(...take(MANAGER, 'second'));
  expect(next.body.fencing).toBe(second.fencing + 1);
});

it('rail 10: of a command line that died anybody takes it after its 45 s', async () => {
  const clock = new MovedClock();
  await using vault = await startTestVault({ clock });
  await vault.request(...take(MANAGER, 'cli', 'CommandLine'));
  clock.advance(44_000);
  expect((await vault.request<Problem>(...take(OTHER_MANAGER, 'other'))).body.code).toBe(
    'ManagementConflict',
  );
  clock.advance(1_000);
  expect((await vault.request(...take(OTHER_MANAGER, 'other'))).status).toBe(200);
});

it('rail 10: what a command line was lent goes back to the operator that lent it, though the command line died', async () => {
  const clock = new MovedClock();
  await using vault = await startTestVault({ clock });
  const fence = await vault.lease(MANAGER, 'first');
  await vault.request(...take(MANAGER, 'cli', 'CommandLine'));
  await vault.request('DELETE', '/lease', { ...fence, lends: true });
  await vault.request(...take(MANAGER, 'cli', 'CommandLine'));
  const codeOf = async () => (await vault.request<Problem>(...take(MANAGER, 'second'))).body.code;
  expect(await codeOf()).toBe('ManagementConflict');
  clock.advance(60_000);
  expect(await codeOf()).toBe('ManagementConflict');
  expect((await vault.request(...take(MANAGER, 'first'))).status).toBe(200);
});

it('rail 10: an installation that goes by another name takes what it left, where the identity acts for both', async () => {
  const clock = new MovedClock();
  await using vault = await startTestVault({ clock });
  await vault.lease(MANAGER, 'operator');
  const { body } = await vault.request<Problem>(...take(OTHER_MANAGER, 'operator'));
  expect(body.code).toBe('ManagementConflict');
  clock.advance(45_000);
  const as = await newIdentity(vault.context, vault.vaultId, vault.owner, { managers: [OTHER_MANAGER] });
  const alone = await vault.request<Problem>(...take(OTHER_MANAGER, 'operator'), { as });
  expect(alone.body.code).toBe('ManagementConflict');
  expect((await vault.request(...take(OTHER_MANAGER, 'operator'))).status).toBe(200);
});

it('rail 12: frozen, nobody writes or reserves, and everybody still reads; automation thaws nothing', async () => {
  await using vault = await startTestVault();
  const fence = await vault.fence();
  await vault.request('POST', '/freeze', { reason: 'incident 7' });
  const [answer] = await vault.steps([{ action: invite }]);
  expect(answer).toMatchObject({ code: 'Frozen', message: expect.stringContaining('incident 7') });
  const sightings = await vault.request<Problem>('POST', '/sightings', { fence, sightings: [] });
  expect(sightings.body.code).toBe('Frozen');
  const reserving = { fence, class: 'people', actions: [invite], approval: null };
  expect((await vault.request<Problem>('POST', '/reservations', reserving)).body.code).toBe('Frozen');
  expect((await vault.changes('since=0&wait=0')).volatile.freeze).toMatchObject({ reason: 'incident 7' });

  const thawed = await vault.request<Problem>('DELETE', '/freeze');
  expect(thawed.status).toBe(404);
  expect(await vault.step(invite)).toBe('Frozen');
  await vault.context.act(vault.vaultId, vault.owner, (act) => setFreeze(act, null));
  expect(await vault.step(invite)).toBe('Done');
});
