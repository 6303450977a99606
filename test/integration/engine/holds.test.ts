import { expect, test } from 'vitest';
import { BUDGET_WINDOW } from '../../../src/model/loss.ts';
import { giveApproval } from '../../../src/vault/domain/approvals.ts';
import { resource } from '../../builders/resources.ts';
import { MovedClock } from '../../builders/vault.ts';
import { World } from './world.ts';

const member = (name: string) => resource('Member', name, { email: `${name}@acme.example` });
const all = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map(member);

test('a restart after the window moved on releases nothing; a person does (rail 1)', async () => {
  const clock = new MovedClock();
  await using world = await World.start({ clock });
  await world.pass(all);
  await world.pass(all.slice(2));
  const fewer = all.slice(3);
  const held = await world.pass(fewer);
  expect(held.plan.held).toMatchObject([{ reason: 'LossBudget', steps: { length: 1 } }]);

  clock.advance(BUDGET_WINDOW + 60_000);
  // As a process that remembers nothing.
  const fresh = { known: null, anchor: null, settling: {} };
  const later = await world.pass(fewer, fresh);
  expect(later.plan.held[0]?.message).toMatch(/^Held before/);
  expect((await world.vault.snapshot()).members).toHaveLength(9);

  const { context, vaultId, owner } = world.vault;
  await context.act(vaultId, owner, (act) => giveApproval(act, later.plan.digest ?? '', 'meant'));
  const approved = await world.pass(fewer, fresh);
  expect(approved.plan.held).toEqual([]);
  const { members, holds } = await world.vault.snapshot();
  expect(members).toHaveLength(8);
  expect(holds).toEqual([]);
});
