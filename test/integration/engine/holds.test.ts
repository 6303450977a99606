import { expect, test } from 'vitest';
import { BUDGET_WINDOW } from '#model/loss.ts';
import { resource } from '#test/builders/resources.ts';
import { acceptInvite, MovedClock } from '#test/builders/vault.ts';
import { giveApproval } from '#vault/reconciliation/approvals.ts';
import { World } from './world.ts';

const member = (name: string) => resource('Member', name, { email: `${name}@acme.example` });
const all = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map(member);

test('a restart after the window moved on releases nothing; a person does (rail 1)', async () => {
  const clock = new MovedClock();
  await using world = await World.start({ clock });
  await world.pass(all);
  for (const { spec } of all) await acceptInvite(world.vault, spec.email);
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

test('what is held stays held where the rest of the plan takes away what it would lose', async () => {
  await using world = await World.start();
  const template = (cells: Record<string, string[]>) =>
    resource('PermissionTemplate', 'developers', { capabilities: cells, projectScope: { all: true } });
  const holder = resource('Member', 'b', { email: 'b@acme.example', templateRef: { name: 'developers' } });
  await world.pass([
    template({ Machines: ['View'] }),
    resource('Project', 'web', { name: 'web' }),
    member('a'),
    holder,
  ]);
  // The project is the last of its kind, so that the losses of access are held; the only holder leaves beside it.
  const after = [template({ Projects: ['View'] }), member('a')];
  const first = await world.pass(after);
  const second = await world.pass(after);
  const { members, templates } = await world.vault.snapshot();
  expect(members.map(({ email }) => email)).not.toContain('b@acme.example');
  expect(templates).toMatchObject([{ capabilities: { Machines: ['View'] } }]);
  expect(second.plan.held.map(({ digest }) => digest)).toEqual(first.plan.held.map(({ digest }) => digest));
  expect(second.plan.held).toMatchObject([{ steps: { length: 2 } }]);
});
