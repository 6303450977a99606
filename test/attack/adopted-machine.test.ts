import { onTestFinished } from 'vitest';
import { ANNOTATIONS } from '#api/v1alpha1/kinds.ts';
import { desiredOf } from '#engine/desired.ts';
import { newKeyPair } from '#identity/key-pair.ts';
import { clientOf, newMachine, setValues } from '#test/builders/machine.ts';
import { CONTEXT, organizationResource, resource } from '#test/builders/resources.ts';
import { World } from '../integration/engine/world.ts';
import { attack } from './attack.ts';
import { done, type Outcome, refused } from './outcome.ts';

/** A commit: what the binding declares, and whether the owner approves what is held of it. */
interface Commit {
  readonly projects: readonly { readonly name: string; readonly secrets: readonly string[] }[];
  readonly isApproved: boolean;
}

const ALL = [{ name: 'payments', secrets: ['db'] }];
const organization = organizationResource({ rails: { privilegeApproval: 'Always' } });

attack({
  name: 'reads a secret of a project that Git does not know, by a binding that adopts a machine of somebody else',
  actor: 'Rogue committer',
  rule: 'rail 11',
  refused: ['NotAdopted', 'NeedsApproval'],
  permittedBy: 'a binding that declares all that the machine reads, approved by the owner',
  async world() {
    const world = await World.start();
    onTestFinished(() => world[Symbol.asyncDispose]());
    const secrets = await setValues(world.vault, { 'payments/db': 'planted value' });
    const machine = await newMachine(world.vault, 'ci', [{ project: 'payments', secrets: ['db'] }]);
    return { world, machine, secret: secrets['payments/db'] ?? '' };
  },
  attack: (): Commit[] => [
    { projects: [], isApproved: true },
    { projects: ALL, isApproved: false },
  ],
  control: (): Commit[] => [{ projects: ALL, isApproved: true }],
  async calls({ world, machine, secret }, commits) {
    const { vault } = world;
    const outcomes: Outcome[] = [];
    for (const { projects, isApproved } of commits) {
      const keys = newKeyPair();
      const { fingerprint, text } = keys.publicKey;
      const objects = [
        organization,
        resource('Project', 'payments', {}),
        resource(
          'MachineBinding',
          'ci',
          {
            machineName: 'ci',
            key: { secretName: 'ci-key' },
            projects: projects.map(({ name, secrets }) => ({ name, secrets: [...secrets] })),
          },
          { annotations: { [ANNOTATIONS.adopt]: machine.id } },
        ),
      ];
      const machineKeys = new Map([['acme/ci', { fingerprint, publicKey: text }]]);
      const declared = desiredOf(organization, objects, { ...CONTEXT, machineKeys });
      const { plan } = await world.pass(objects, declared);
      const held = plan.held.flatMap(({ steps }) => steps.map(({ action }) => action));
      if (isApproved && held.length > 0) {
        await vault.approved(held);
        await world.pass(objects, declared);
      }
      const why = [...plan.findings, ...plan.held].find(({ reason }) => REFUSALS.has(reason))?.reason;
      const call = 'commits the binding, and reads by its key';
      const value = await clientOf(vault, { id: machine.id, name: 'ci' }, keys)
        .secret(secret)
        .catch(() => null);
      outcomes.push(value === null ? refused(call, why ?? 'nothing') : done(call, 'the value'));
    }
    return outcomes;
  },
});

const REFUSALS: ReadonlySet<string> = new Set(['NotAdopted', 'NeedsApproval']);
