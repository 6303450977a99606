import { onTestFinished } from 'vitest';
import { ANNOTATIONS, type CustomResource, type Spec } from '#api/v1alpha1/kinds.ts';
import { organizationResource, resource } from '#test/builders/resources.ts';
import { acceptInvite, access } from '#test/builders/vault.ts';
import { inviteMember } from '#vault/members/members.ts';
import { World } from '../integration/engine/world.ts';
import { attack } from './attack.ts';
import { done, type Outcome, refused } from './outcome.ts';

const ADMIN = 'admin@acme.example';
const MALLORY = 'mallory@acme.example';

const organization = organizationResource({
  rails: { privilegeApproval: 'Always' },
  access: [
    {
      namespace: 'team',
      kinds: ['Member', 'Group', 'Project'],
      roles: ['Admin', 'Member'],
      projects: ['web'],
    },
  ],
});

/** As who may write in a namespace writes it. */
function inNamespace<K extends 'Member' | 'Group' | 'Project'>(
  namespace: string,
  kind: K,
  name: string,
  spec: Omit<Spec<K>, 'organizationRef'>,
  adopt?: string,
): CustomResource {
  const annotations = adopt === undefined ? {} : { annotations: { [ANNOTATIONS.adopt]: adopt } };
  const object = resource(kind, name, spec, { namespace, ...annotations });
  return { ...object, spec: { ...object.spec, organizationRef: { name: 'acme', namespace: 'acme' } } };
}

/** What the organization declares itself: a group of that name is to write in payments. */
const payments = resource('Project', 'payments', { grants: [{ group: 'on-call', access: 'Write' }] });

attack({
  name: 'suspends an admin whom a grant of its project brought under management, and writes by a group in a project that is not its own',
  actor: 'Tenant of another namespace',
  rule: 'rail 2',
  refused: ['NotAllowed'],
  permittedBy: 'the same objects in the namespace of the Organization',
  async world() {
    const world = await World.start();
    onTestFinished(() => world[Symbol.asyncDispose]());
    const { vault } = world;
    await vault.context.act(vault.vaultId, vault.owner, (act) =>
      inviteMember(act, ADMIN, access({ role: 'Admin' })),
    );
    await acceptInvite(vault, ADMIN);
    return world;
  },
  attack: () => 'team',
  control: () => 'acme',
  async calls(world, namespace) {
    const { vault } = world;
    // Leaves a record of the admin, of grants alone.
    const web = inNamespace(namespace, 'Project', 'web', { grants: [{ member: ADMIN, access: 'Read' }] });
    await world.pass([organization, payments, web]);
    const { members } = await vault.snapshot();
    const id = members.find(({ email }) => email === ADMIN)?.id ?? '';
    const objects = [
      organization,
      payments,
      web,
      inNamespace(namespace, 'Member', 'admin', { email: ADMIN, role: 'Admin', state: 'Suspended' }, id),
      inNamespace(namespace, 'Member', 'mallory', { email: MALLORY }),
      inNamespace(namespace, 'Group', 'on-call', { members: [{ email: MALLORY }] }),
    ];
    const { plan } = await world.pass(objects);
    const after = await vault.snapshot();
    const why = (key: string): string =>
      plan.findings.find(({ subject, source }) => subject.key === key && source?.namespace === namespace)
        ?.reason ?? 'nothing';
    const outcomes: Outcome[] = [];
    const tell = (call: string, isDone: boolean, key: string) =>
      outcomes.push(isDone ? done(call, 'done') : refused(call, why(key)));
    const stateOf = (email: string) => after.members.find((member) => member.email === email)?.state;
    tell('adopts an admin, suspended', stateOf(ADMIN) === 'Suspended', ADMIN);
    const group = after.groups.find(({ name }) => name === 'on-call');
    tell(
      'declares a group that is granted another project',
      group?.grants.some(({ project }) => project === 'payments') === true,
      'on-call',
    );
    return outcomes;
  },
});
