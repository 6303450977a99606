import { expect, it } from 'vitest';
import type { Fence, Problem } from '#protocol/management.ts';
import { access, MANAGER, MovedClock, startTestVault } from '#test/builders/vault.ts';
import { setFreeze } from '#vault/reconciliation/lease.ts';

const invite = { kind: 'InviteMember', key: 'alice@acme.example', before: null, after: access() } as const;
const take = (manager: string, installation: string) =>
  ['POST', '/lease', { manager, installation }] as const;

it('rail 10: an old fence cannot write once another process holds the lease', async () => {
  const clock = new MovedClock();
  await using vault = await startTestVault({ clock });
  const old = await vault.lease(MANAGER, 'first');
  clock.advance(46_000);
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
    lease: { manager: MANAGER, installation: 'first' },
  });
});

it('rail 10: another process of the manager waits, the long poll tells the holder, and the lease goes to who waits', async () => {
  await using vault = await startTestVault();
  const fence = await vault.lease(MANAGER, 'operator');
  const { revision } = await vault.snapshot();
  const polled = vault.changes(`since=${revision}&wait=30`);
  const asked = await vault.request<Problem>(...take(MANAGER, 'cli'));
  expect([asked.status, asked.body.code]).toEqual([409, 'LeaseHeld']);
  expect((await polled).volatile.yieldRequested).toBe(true);

  await vault.request('DELETE', '/lease', fence);
  // The operator itself must not take back what it has just given to the one who waits.
  const back = await vault.request<Problem>(...take(MANAGER, 'operator'));
  expect([back.status, back.body.code]).toEqual([409, 'LeaseHeld']);
  expect((await vault.lease(MANAGER, 'cli')).fencing).toBe(fence.fencing + 1);
});

it('rail 10: the long poll renews the lease of its holder and nobody else’s', async () => {
  const clock = new MovedClock();
  await using vault = await startTestVault({ clock });
  const { fencing, manager, installation } = await vault.lease(MANAGER, 'first');
  const query = `since=0&wait=0&manager=${encodeURIComponent(manager)}&installation=${installation}`;
  clock.advance(40_000);
  const renewed = await vault.changes(`${query}&fencing=${fencing}`);
  expect(renewed.volatile.lease?.expiresAt).toBe(clock.now() + 45_000);
  clock.advance(40_000);
  const other = await vault.changes(`${query}&fencing=${fencing + 1}`);
  expect(other.volatile.lease?.expiresAt).toBe(clock.now() + 5_000);
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
