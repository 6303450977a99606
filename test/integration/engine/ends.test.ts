import { expect, it } from 'vitest';
import { newAccount } from '#test/builders/account.ts';
import { resource } from '#test/builders/resources.ts';
import { acceptInvite, MovedClock } from '#test/builders/vault.ts';
import { sweep } from '#vault/app/sweep.ts';
import { World } from './world.ts';

const ALICE = 'alice@acme.example';
const HOUR = 60 * 60 * 1000;

it('an end that Git declares comes by itself, is told of, and its line goes on no budget (M5)', async () => {
  const clock = new MovedClock();
  await using world = await World.start({ clock });
  const { vault } = world;
  // To the second, as RFC 3339 has it in Git.
  const end = Math.ceil(clock.now() / 1000) * 1000 + HOUR;
  const until = (time: number) => ({ expiresAt: new Date(time).toISOString().replace('.000Z', 'Z') });
  const bob = resource('Member', 'bob', { email: 'bob@acme.example' });
  const alice = (more: object) => resource('Member', 'alice', { email: ALICE, role: 'Member', ...more });
  /** How many steps, reservations and sightings the vault took. */
  const writes = async (...objects: Parameters<World['pass']>[0]) => (await world.pass(objects)).writes;
  const endOf = async () =>
    (await vault.snapshot()).members.find(({ email }) => email === ALICE)?.expiresAt ?? null;

  await world.pass([bob, alice(until(end))]);
  await newAccount(vault.context, ALICE);
  await acceptInvite(vault, ALICE);
  expect(await endOf()).toBe(end);
  const before = await world.pass([bob, alice(until(end))]);
  expect([before.plan.steps, before.plan.wakeAt]).toEqual([[], end]);

  clock.advance(end - clock.now());
  const after = await world.pass([bob, alice(until(end))]);
  expect(after.plan.steps).toEqual([]);
  expect(after.plan.findings.map(({ reason }) => reason)).toContain('Ended');
  expect(after.plan.wakeAt === null || after.plan.wakeAt > end).toBe(true);
  await sweep(vault.context);
  expect(await writes(bob, alice(until(end)))).toBe(0);

  expect(await writes(bob, alice(until(end + HOUR)))).toBe(1);
  expect(await endOf()).toBe(end + HOUR);
  clock.advance(HOUR);
  await world.pass([bob]);
  const { members, ledger } = await vault.snapshot();
  expect([members.some(({ email }) => email === ALICE), ledger]).toEqual([false, []]);
});
