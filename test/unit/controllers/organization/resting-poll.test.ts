import { expect, it } from 'vitest';
import { OrganizationMemory } from '#controllers/organization/organization-memory.ts';
import type { Logger } from '#runtime/runtime.ts';
import { FakeClock } from '#test/fakes/kube-clock.ts';

const MINUTE = 60_000;
const { signal } = new AbortController();
const log = { child: () => log } as unknown as Logger;

/** Whether a rest of a minute is over at once. */
async function endsAtOnce(session: OrganizationMemory, clock: FakeClock): Promise<boolean> {
  let isOver = false;
  void session.rest(clock, MINUTE, signal).then(() => {
    isOver = true;
  });
  await clock.advance(0);
  return isOver;
}

it('a poll that rests asks again once the vault is back, and so does one that hung until then', async () => {
  const clock = new FakeClock(0);
  const session = new OrganizationMemory('acme/acme', 'installation', 0, log);
  let isOver = false;
  void session.rest(clock, MINUTE, signal).then(() => {
    isOver = true;
  });
  await clock.advance(1_000);
  expect(isOver).toBe(false);
  session.back();
  await clock.advance(0);
  expect(isOver).toBe(true);
  // It asked again, and hangs: what it hears now holds for the rest that follows, and for that one alone.
  session.back();
  expect(await endsAtOnce(session, clock)).toBe(true);
  expect(await endsAtOnce(session, clock)).toBe(false);
});
