import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CustomResource, Spec } from '#api/v1alpha1/kinds.ts';
import { preview } from '#engine/observe.ts';
import { TAKE_BACK_WINDOW } from '#model/take-back.ts';
import { arbitraryResources } from '#test/builders/arbitrary-resources.ts';
import { organizationResource, resource } from '#test/builders/resources.ts';
import { acceptInvite, access, MovedClock } from '#test/builders/vault.ts';
import { setRoleByPerson } from '#vault/members/member-access-acts.ts';
import { inviteMember } from '#vault/members/members.ts';
import { World } from './world.ts';

const BOB = 'bob@acme.example';
const NOTHING = { min: 0, max: 0 };
/** Nothing may be lost of people or of their access. */
const STRICT = organizationResource({ rails: { lossBudget: { people: NOTHING, access: NOTHING } } });
const WEB = resource('Project', 'web', { name: 'web' });

const member = (name: string, spec: Partial<Spec<'Member'>> = {}) =>
  resource('Member', name, { email: `${name}@acme.example`, ...spec });

/** An organization that these people have joined, as declared. */
async function joined(world: World, objects: readonly CustomResource[]): Promise<void> {
  await world.pass(objects);
  for (const { kind, spec } of objects as CustomResource<'Member'>[])
    if (kind === 'Member') await acceptInvite(world.vault, spec.email);
  await world.pass(objects);
}

async function roleOf(world: World, email: string): Promise<string | undefined> {
  return (await world.vault.snapshot()).members.find((one) => one.email === email)?.role;
}

describe('a raise of the last day (rail 2)', () => {
  const before = [STRICT, WEB, member('bob')];
  const raised = [STRICT, WEB, member('bob', { role: 'Admin' })];

  test('is taken back at once though the budget is used up, and counts toward none', async () => {
    await using world = await World.start();
    await joined(world, before);
    await world.pass(raised);
    expect(await roleOf(world, BOB)).toBe('Admin');
    const { plan } = await world.pass(before, { settle: true });
    expect([plan.held, plan.pending]).toEqual([[], []]);
    expect(await roleOf(world, BOB)).toBe('Member');
    const { ledger, raises } = await world.vault.snapshot();
    expect(ledger).toEqual([]);
    expect(raises).toMatchObject([{ key: BOB, gained: [{ who: BOB }], takenBackAt: expect.any(Number) }]);
  });

  test('is taken back under rails.losses: Hold too', async () => {
    await using world = await World.start();
    const hold = organizationResource({ rails: { losses: 'Hold' } });
    const strict = (objects: readonly CustomResource[]) => [hold, ...objects.slice(1)];
    await joined(world, strict(before));
    await world.pass(strict(raised));
    await world.pass(strict(before), { settle: true });
    expect(await roleOf(world, BOB)).toBe('Member');
  });

  test('a template that was widened is narrowed again, also of whom it was given since by a raise', async () => {
    await using world = await World.start();
    const dev = (...cells: string[]) =>
      resource('PermissionTemplate', 'dev', {
        capabilities: { Machines: cells },
        projectScope: { all: true },
      });
    const holder = (name: string) => member(name, { templateRef: { name: 'dev' } });
    const cells = async () => (await world.vault.snapshot()).templates[0]?.capabilities.Machines;
    await joined(world, [STRICT, dev('View'), holder('bob'), member('carol')]);
    await world.pass([STRICT, dev('View', 'Manage'), holder('bob'), member('carol')]);
    await world.pass([STRICT, dev('View', 'Manage'), holder('bob'), holder('carol')]);
    const { plan } = await world.pass([STRICT, dev('View'), holder('bob'), member('carol')]);
    expect([plan.held, await cells()]).toEqual([[], ['View']]);

    // Who came with it by their invite keeps the rest from being no loss.
    const wide = [STRICT, dev('View', 'Manage'), holder('bob'), member('carol')];
    await world.pass(wide);
    await joined(world, [...wide, holder('dan')]);
    const later = await world.pass([STRICT, dev('View'), holder('bob'), member('carol'), holder('dan')]);
    expect(later.plan.held).toMatchObject([{ reason: 'LossBudget', steps: { length: 1 } }]);
    expect(await cells()).toContain('Manage');
  });

  test('a group that came to give what leads to values gives it no more', async () => {
    await using world = await World.start();
    const machinists = resource('PermissionTemplate', 'machinists', {
      capabilities: { Machines: ['View', 'Manage'] },
    });
    const group = (access: 'Read' | 'Write') =>
      resource('Group', 'ops', { members: [{ email: BOB }], grants: [{ project: 'web', access }] });
    const of = (access: 'Read' | 'Write') => [
      ...[STRICT, WEB, machinists],
      ...[member('bob', { templateRef: { name: 'machinists' } }), group(access)],
    ];
    const given = async () =>
      (await world.vault.snapshot()).groups.find(({ name }) => name === 'ops')?.grants;
    await joined(world, of('Read'));
    await world.pass(of('Write'));
    expect(await given()).toMatchObject([{ access: 'Write' }]);
    const { plan } = await world.pass(of('Read'), { settle: true });
    expect([plan.held, plan.pending]).toEqual([[], []]);
    expect(await given()).toMatchObject([{ access: 'Read' }]);
    expect((await world.vault.snapshot()).ledger).toEqual([]);
  });

  test('at most ten are taken back in a day', async () => {
    const clock = new MovedClock();
    await using world = await World.start({ clock });
    const names = Array.from({ length: 11 }, (_, index) => `m${String(index).padStart(2, '0')}`);
    const all = (role: 'Admin' | 'Member') => [STRICT, ...names.map((name) => member(name, { role }))];
    await joined(world, all('Member'));
    await world.pass(all('Admin'));
    const { plan } = await world.pass(all('Member'));
    expect(plan.held).toMatchObject([{ reason: 'LossBudget', steps: { length: 1 } }]);
    const { members } = await world.vault.snapshot();
    expect(members.filter(({ role }) => role === 'Admin').map(({ email }) => email)).toEqual([
      'm10@acme.example',
    ]);
  });

  test('a loss like any other: what came with the invite', async () => {
    await using world = await World.start();
    await joined(world, raised);
    const { plan } = await world.pass(before);
    expect(plan.held).toMatchObject([{ reason: 'LossBudget', steps: { length: 1 } }]);
    expect(await roleOf(world, BOB)).toBe('Admin');
  });

  test('a loss like any other: of somebody who leaves altogether', async () => {
    await using world = await World.start();
    const carol = member('carol');
    await joined(world, [...before, carol]);
    await world.pass([...raised, carol]);
    const { plan } = await world.pass([STRICT, WEB, carol]);
    expect(plan.held).toMatchObject([{ reason: 'LossBudget', steps: { length: 1 } }]);
    expect(await roleOf(world, BOB)).toBe('Admin');
  });

  test('a loss like any other: to less than what it replaced', async () => {
    await using world = await World.start();
    const grants = [{ project: 'web', access: 'Write' as const }];
    await joined(world, [STRICT, WEB, member('bob', { grants })]);
    await world.pass([STRICT, WEB, member('bob', { grants, role: 'Admin' })]);
    const { plan } = await world.pass(before);
    expect(plan.held).toMatchObject([{ reason: 'LossBudget', steps: { length: 1 } }]);
    expect(await roleOf(world, BOB)).toBe('Admin');
  });

  test('a loss like any other: a day later', async () => {
    const clock = new MovedClock();
    await using world = await World.start({ clock });
    await joined(world, before);
    await world.pass(raised);
    clock.advance(TAKE_BACK_WINDOW);
    const { plan } = await world.pass(before);
    expect(plan.held).toMatchObject([{ reason: 'LossBudget', steps: { length: 1 } }]);
    expect((await world.vault.snapshot()).raises).toEqual([]);
  });

  test('a loss like any other: what an adoption gave', async () => {
    await using world = await World.start();
    await world.vault.context.act(world.vault.vaultId, world.vault.owner, async (act) => {
      await inviteMember(act, BOB, access());
      await act.audit({ action: 'member.invited', subject: { kind: 'Member', key: BOB } });
    });
    await acceptInvite(world.vault, BOB);
    await world.pass([STRICT, WEB]);
    const bob = member('bob', { role: 'Admin' });
    const { members } = await world.vault.snapshot();
    const id = members.find(({ email }) => email === BOB)?.id ?? '';
    const adopting = { ...bob, metadata: { ...bob.metadata, annotations: { 'seneschal.dev/adopt': id } } };
    await world.pass([STRICT, WEB, adopting]);
    expect(await roleOf(world, BOB)).toBe('Admin');
    const { plan } = await world.pass(before);
    expect(plan.held).toMatchObject([{ reason: 'LossBudget', steps: { length: 1 } }]);
    expect((await world.vault.snapshot()).raises).toEqual([]);
  });

  test('a loss like any other: what reinstate gave', async () => {
    await using world = await World.start();
    await joined(world, raised);
    const { context, vaultId, owner } = world.vault;
    await context.act(vaultId, owner, (act) => setRoleByPerson(act, BOB, 'Member'));
    const [cut] = (await world.vault.snapshot()).tombstones;
    await world.pass([STRICT, WEB, member('bob', { role: 'Admin', reinstate: cut?.entry ?? '' })]);
    expect(await roleOf(world, BOB)).toBe('Admin');
    const { plan } = await world.pass(before);
    expect(plan.held).toMatchObject([{ reason: 'LossBudget', steps: { length: 1 } }]);
  });
});

test('what is planned for a commit that goes back is what a pass then does', async () => {
  const joining = fc.subarray([0, 1, 2, 3, 4, 5]);
  const engine = ({ executor }: { readonly executor: string }) => executor === 'engine';
  await fc.assert(
    fc.asyncProperty(arbitraryResources, arbitraryResources, joining, async (before, after, some) => {
      await using world = await World.start();
      const rails = { lossBudget: { people: NOTHING, access: { min: 1, max: 1 }, invites: { min: 1 } } };
      const organization = organizationResource({ rails });
      const first = [organization, ...before];
      const second = [organization, ...after];
      const keys = (objects: readonly CustomResource[]) => world.input(objects, { keys: false });
      await world.pass(first, keys(first));
      for (const { email } of (await world.vault.snapshot()).members)
        if (some.some((number) => email.startsWith(`m${number}@`))) await acceptInvite(world.vault, email);
      await world.pass(first, keys(first));
      await world.pass(second, keys(second));
      const { plan } = await preview(keys(first));
      const { answers } = await world.pass(first, keys(first));
      expect([...answers.keys()]).toEqual(plan.runnable.filter(engine).map(({ hash }) => hash));
      expect([...answers.values()].filter(({ status }) => status !== 'Done')).toEqual([]);
    }),
    { numRuns: 15 },
  );
}, 120_000);
