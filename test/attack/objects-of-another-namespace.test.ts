import { onTestFinished } from 'vitest';
import type { CustomResource, Spec } from '#api/v1alpha1/kinds.ts';
import { organizationResource, resource } from '#test/builders/resources.ts';
import { World } from '../integration/engine/world.ts';
import { attack } from './attack.ts';
import { done, refused } from './outcome.ts';

type Entry = NonNullable<Spec<'Organization'>['access']>[number];

const organizationOf = (entry: Entry) =>
  organizationResource({ rails: { privilegeApproval: 'Always' }, access: [entry] });

/** As a tenant writes it, in a namespace of their own. */
const brought = (object: CustomResource): CustomResource => ({
  ...object,
  metadata: { ...object.metadata, namespace: 'team' },
  spec: { ...object.spec, organizationRef: { name: 'acme', namespace: 'acme' } } as CustomResource['spec'],
});

const OBJECTS = [
  brought(resource('Member', 'eve', { email: 'eve@acme.example', role: 'Admin' })),
  brought(
    resource('Member', 'mallory', {
      email: 'mallory@acme.example',
      grants: [{ project: 'payments', access: 'Write' }],
    }),
  ),
  brought(
    resource('PermissionTemplate', 'leads', {
      capabilities: { Secrets: ['Manage'] },
      projectScope: { projects: ['payments'] },
    }),
  ),
  brought(resource('Group', 'writers', { grants: [{ project: 'payments', access: 'Write' }] })),
  brought(resource('Project', 'payments', {})),
  brought(
    resource('MachineBinding', 'ci', {
      machineName: 'ci',
      key: { secretName: 'ci-key' },
      projects: [{ name: 'payments' }],
    }),
  ),
];

/** Steps that the objects come to, by what they are on. */
const KEYS = ['eve@acme.example', 'mallory@acme.example', 'writers', 'leads', 'payments', 'ci'];

attack({
  name: 'brings an admin, a grant, a group, a template, a project and a machine that the entry of their namespace does not name',
  actor: 'Tenant of another namespace',
  rule: 'rail 2',
  refused: ['NotAllowed'],
  permittedBy: 'an entry of spec.access that names them, and approvals by the owner',
  async world() {
    const world = await World.start();
    onTestFinished(() => world[Symbol.asyncDispose]());
    return world;
  },
  attack: () =>
    organizationOf({
      namespace: 'team',
      kinds: ['Member', 'Group', 'PermissionTemplate', 'Project', 'MachineBinding'],
    }),
  control: () =>
    organizationOf({
      namespace: 'team',
      kinds: ['Member', 'Group', 'PermissionTemplate', 'Project', 'MachineBinding'],
      roles: ['Admin', 'Member'],
      templates: ['leads'],
      cells: { Secrets: ['Manage'] },
      projects: ['payments'],
    }),
  async calls(world, organization) {
    const objects = [organization, ...OBJECTS];
    let { plan } = await world.pass(objects);
    const held = plan.held.flatMap(({ steps }) => steps.map(({ action }) => action));
    if (held.length > 0) {
      await world.vault.approved(held);
      ({ plan } = await world.pass(objects));
    }
    const { members, groups, templates, projects, machines } = await world.vault.snapshot();
    const there = new Set([
      ...members.map(({ email }) => email),
      ...[...groups, ...templates, ...projects, ...machines].map(({ name }) => name),
    ]);
    return KEYS.map((key) => {
      const why = plan.findings.find(
        ({ subject, source }) => subject.key === key && source?.namespace === 'team',
      );
      const call = `declares ${key} in another namespace`;
      return there.has(key) ? done(call, 'it is there') : refused(call, why?.reason ?? 'nothing');
    });
  },
});
