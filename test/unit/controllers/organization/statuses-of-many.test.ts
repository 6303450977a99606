import { expect, test } from 'vitest';
import { statusesOf } from '#controllers/organization/statuses/statuses.ts';
import {
  desired,
  desiredMember,
  member,
  memberObject,
  NOW,
  object,
  objects,
  outcome,
  state,
} from './pass.ts';

const MANY = 1_000;
const names = Array.from({ length: MANY }, (_, index) => `n${index}`);
const organizationRef = { name: 'acme' };

/** The list, and how many of its entries were read. */
function counted<T>(list: readonly T[]): { readonly list: readonly T[]; readonly read: () => number } {
  let count = 0;
  const entry = (target: object, key: string | symbol): unknown => {
    if (typeof key === 'string' && /^\d+$/.test(key)) count += 1;
    return Reflect.get(target, key);
  };
  return { list: new Proxy<readonly T[]>(list, { get: entry }), read: () => count };
}

test('statuses of a thousand objects of each kind read what the vault has a few times, not once for each of them', () => {
  const members = counted(names.map((name) => member(name, { template: name })));
  const groups = counted(names.map((name) => ({ id: name, name, description: '', members: [], grants: [] })));
  const templates = counted(
    names.map((name) => ({
      id: name,
      name,
      capabilities: {},
      projectScope: { all: true },
    })),
  );
  const projects = counted(names.map((name) => ({ id: name, name, description: '' })));
  const secrets = counted(names.map((name) => ({ id: name, project: name, name: 'token', version: 1 })));
  const machines = counted(names.map((name) => ({ id: name, name, enabled: true, keys: [], access: [] })));
  const tombstones = counted(
    names.map((name) => ({ entry: name, kind: 'Member', key: `gone-${name}`, act: 'Declined' })),
  );
  const lists = { members, groups, templates, projects, secrets, machines, tombstones };
  const there = Object.fromEntries(Object.entries(lists).map(([kind, { list }]) => [kind, list]));
  const patches = statusesOf(
    objects({
      members: names.flatMap((name) => [memberObject(name), memberObject(`absent-${name}`)]),
      groups: names.map((name) => object('Group', name, { organizationRef, members: [] })),
      templates: names.map((name) =>
        object('PermissionTemplate', name, { organizationRef, capabilities: {} }),
      ),
      projects: names.map((name) => object('Project', name, { organizationRef })),
      bindings: names.map((name) =>
        object('MachineBinding', name, {
          organizationRef,
          machineName: name,
          projects: [],
          key: { secretName: name },
        }),
      ),
    }),
    desired({ members: names.map((name) => desiredMember(name, name)) }),
    outcome(state(there)),
    NOW,
  );
  expect(patches).toHaveLength(6 * MANY + 1);
  for (const [kind, { read }] of Object.entries(lists))
    expect([kind, read() / MANY < 10]).toEqual([kind, true]);
});
