import { expect, test } from 'vitest';
import { effectiveAccess } from '#model/access.ts';
import { groupGrantsOf } from '#model/groups.ts';
import type { OrganizationState } from '#model/organization.ts';
import { emailOf, type ObjectName } from '../membership/commands.ts';
import { calm, commit, named } from './calm.ts';

const [, , BOB = ''] = named(4);
const own = (kind: ObjectName['kind'], name: string): ObjectName => ({ kind, namespace: 'acme', name });

test('a renamed group takes nothing from whom it lists, in no step on the way', async () => {
  await using history = await calm(4);
  const had = accessOf(await history.state(), BOB);
  expect(had).toContain('billing Secrets: View');
  const members = named(3).map((name) => ({ email: emailOf(name) }));
  await history.take({ git: 'delete', object: own('Group', 'operations') });
  await history.take({
    git: 'set',
    object: own('Group', 'on-call'),
    spec: { members, grants: [{ project: 'billing', access: 'Read' }] },
  });
  // Killed after each step, so that each is looked at.
  for (let step = 0; step < 6; step++) {
    await history.take({ pass: { is: 'Killed', nth: 1 } });
    await history.take({ clock: 'goes on', seconds: 31 });
    expect(accessOf(await history.state(), BOB)).toEqual(had);
  }
  await commit(history, []);
  const { groups } = await history.state();
  expect(groups.map(({ name }) => name)).toEqual(['on-call']);
});

test('a renamed project leaves the old one with all that it holds', async () => {
  await using history = await calm(4);
  await commit(history, [
    { git: 'delete', object: own('Project', 'web') },
    { git: 'set', object: own('Project', 'site'), spec: {} },
  ]);
  const { projects, members } = await history.state();
  expect(projects.map(({ name }) => name)).toEqual(['billing', 'site', 'web']);
  expect(members.find(({ email }) => email === emailOf(BOB))?.grants).toEqual([
    { project: 'web', access: 'Write' },
  ]);
});

test('a renamed project whose secrets would go with it is held, and so they stay', async () => {
  await using history = await calm(4);
  const spec = { secrets: [{ name: 'key', generator: { length: 16 } }], deletionPolicy: 'Delete' };
  await commit(history, [{ git: 'set', object: own('Project', 'shop'), spec }]);
  await commit(history, [
    { git: 'delete', object: own('Project', 'shop') },
    { git: 'set', object: own('Project', 'store'), spec },
  ]);
  const { secrets } = await history.state();
  expect(secrets.map(({ project }) => project).toSorted()).toEqual(['shop', 'store']);
  expect(history.held).toEqual([['LossBudget', ['DeleteProject shop']]]);
});

function accessOf({ members, groups, templates }: OrganizationState, name: string): string[] {
  const email = emailOf(name);
  const member = members.find((one) => one.email === email);
  if (member === undefined) return [];
  const templateOf = (of: string) => templates.find((template) => template.name === of);
  const { projects } = effectiveAccess(member, templateOf, groupGrantsOf(groups, email), 0);
  return [...projects]
    .flatMap(([project, cells]) => [...cells.keys()].map((cell) => `${project} ${cell}`))
    .sort();
}
