import { onTestFinished } from 'vitest';
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import { desiredOf } from '#engine/desired.ts';
import { newKeyPair } from '#identity/key-pair.ts';
import { clientOf, setValues } from '#test/builders/machine.ts';
import { CONTEXT, organizationResource, resource } from '#test/builders/resources.ts';
import { World } from '../integration/engine/world.ts';
import { attack } from './attack.ts';
import { done, type Outcome, refused } from './outcome.ts';

const organization = organizationResource({ rails: { privilegeApproval: 'Always' } });
const binding = resource('MachineBinding', 'ci', {
  machineName: 'ci',
  key: { secretName: 'ci-key' },
  projects: [{ name: 'payments', secrets: ['db'] }],
});
const project = resource('Project', 'payments', {});
/** What is committed beside the binding, and whether the owner approves what is held of it. */
interface Commit {
  readonly call: string;
  readonly beside: readonly CustomResource[];
  readonly isApproved: boolean;
}
const ALONE = 'commits a binding alone, and reads by its key';
const BESIDE = 'commits a binding and the project, and reads by its key';
const REFUSALS: ReadonlySet<string> = new Set(['NotAllowed', 'ProjectNotManaged']);

attack({
  name: 'reads a value of the vault by a binding that names its project, which Git does not declare or does not manage yet',
  actor: 'Rogue committer',
  rule: 'H1',
  refused: ['NotAllowed', 'ProjectNotManaged'],
  permittedBy: 'a Project beside the Organization, approved by the owner',
  async world() {
    const world = await World.start();
    onTestFinished(() => world[Symbol.asyncDispose]());
    const secrets = await setValues(world.vault, { 'payments/db': 'planted value' });
    return { world, secret: secrets['payments/db'] ?? '' };
  },
  attack: (): Commit[] => [
    { call: ALONE, beside: [], isApproved: true },
    { call: BESIDE, beside: [project], isApproved: false },
  ],
  control: (): Commit[] => [
    { call: ALONE, beside: [project], isApproved: true },
    { call: BESIDE, beside: [project], isApproved: true },
  ],
  async calls({ world, secret }, commits) {
    const { vault } = world;
    const outcomes: Outcome[] = [];
    const keys = newKeyPair();
    const { fingerprint, text } = keys.publicKey;
    const machineKeys = new Map([['acme/ci', { fingerprint, publicKey: text }]]);
    for (const { call, beside, isApproved } of commits) {
      const objects = [organization, binding, ...beside];
      const declared = desiredOf(organization, objects, { ...CONTEXT, machineKeys });
      let { plan } = await world.pass(objects, declared);
      const held = plan.held.flatMap(({ steps }) => steps.map(({ action }) => action));
      if (isApproved && held.length > 0) {
        await vault.approved(held);
        ({ plan } = await world.pass(objects, declared));
      }
      const why = plan.findings.find(({ reason }) => REFUSALS.has(reason))?.reason;
      const id = (await vault.snapshot()).machines.find(({ name }) => name === 'ci')?.id ?? 'mch_none';
      const value = await clientOf(vault, { id, name: 'ci' }, keys)
        .secret(secret)
        .catch(() => null);
      outcomes.push(value === null ? refused(call, why ?? 'nothing') : done(call, 'the value'));
    }
    return outcomes;
  },
});
