import { onTestFinished } from 'vitest';
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import type { StepAction } from '#model/step.ts';
import { organizationResource, resource } from '#test/builders/resources.ts';
import { record } from '#test/builders/vault.ts';
import { World } from '../integration/engine/world.ts';
import { attack } from './attack.ts';
import { done, type Outcome, ofStep, refused } from './outcome.ts';

const organization = organizationResource({
  rails: { privilegeApproval: 'Always' },
  access: [
    { namespace: 'team', kinds: ['Project'], projects: ['taken', 'shared', 'elsewhere', 'old'] },
    { namespace: 'acme', kinds: ['MachineBinding'], projects: ['shared'] },
  ],
});

const inNamespace = (namespace: string, object: CustomResource): CustomResource => ({
  ...object,
  metadata: { ...object.metadata, namespace },
  spec: { ...object.spec, organizationRef: { name: 'acme', namespace: 'acme' } } as CustomResource['spec'],
});
const project = (namespace: string, name: string, renamedFrom?: string) =>
  inNamespace(
    namespace,
    resource('Project', name, {
      ...(renamedFrom === undefined ? {} : { renamedFrom }),
      secrets: [{ name: 'key', generator: { length: 8 } }],
    }),
  );
const READER = resource('MachineBinding', 'reader', {
  machineName: 'reader',
  key: { secretName: 'reader-key' },
  projects: [{ name: 'shared' }],
});

attack({
  name: 'renames a project of another namespace, one of its own away from who reads it, and declares the name that another had',
  actor: 'Tenant of another namespace',
  rule: 'P2',
  refused: ['another project', 'RenameReferenced', 'NameKept', 'Foreign'],
  permittedBy: 'the namespace that the projects came from, and that reads them',
  async world() {
    const world = await World.start();
    onTestFinished(() => world[Symbol.asyncDispose]());
    return world;
  },
  attack: () => 'team',
  control: () => 'acme',
  async calls(world, namespace) {
    const { vault } = world;
    const first = [
      ...['payments', 'old', 'older', 'vaulted'].map((name) => project('acme', name)),
      project(namespace, 'shared'),
      READER,
    ];
    await world.pass([organization, ...first]);
    await world.pass([organization, ...first]);
    const home = [
      project('acme', 'new', 'old'),
      project('acme', 'newer', 'older'),
      project('acme', 'vaulted'),
      READER,
    ];
    await world.pass([organization, project('acme', 'payments'), project(namespace, 'shared'), ...home]);
    const before = await vault.snapshot();

    const { plan } = await world.pass([
      organization,
      project(namespace, 'taken', 'payments'),
      project(namespace, 'elsewhere', 'shared'),
      project(namespace, 'old'),
      ...home,
    ]);
    const after = await vault.snapshot();
    const nameOf = (former: string): string | undefined => {
      const id = before.projects.find(({ name }) => name === former)?.id;
      return after.projects.find((one) => one.id === id)?.name;
    };
    const byObject = (call: string, key: string, isDone: boolean): Outcome => {
      const why = plan.findings.find(
        ({ subject, source }) => subject.key === key && source?.namespace === namespace,
      );
      return isDone ? done(call, `there is ${key}`) : refused(call, why?.reason ?? 'nothing');
    };
    const byStep = async (call: string, action: StepAction): Promise<Outcome> => {
      const own = { ...record('Project', action.key), origin: namespace };
      const fence = await world.fence();
      const [answer] = await vault.stepsUnapproved([{ action, record: own }], { fence });
      return ofStep(call, answer?.status === 'Refused' ? answer.code : (answer?.status ?? 'none'));
    };
    // The line does nothing: what is made has a value of its own.
    const made = after.projects.some(({ name }) => name === 'taken') ? 'another project' : 'nothing';
    return [
      nameOf('payments') === 'taken'
        ? done('renames payments', 'it is taken')
        : refused('renames payments', made),
      byObject('renames what another reads', 'elsewhere', nameOf('shared') === 'elsewhere'),
      byObject(
        'declares a former name',
        'old',
        after.projects.some(({ name }) => name === 'old'),
      ),
      await byStep('renames by a step', {
        ...{ kind: 'RenameProject', key: 'stolen' },
        ...{ before: { name: 'vaulted' }, after: { name: 'stolen' } },
      }),
      await byStep('makes one of a former name by a step', {
        ...{ kind: 'CreateProject', key: 'older' },
        ...{ before: null, after: { description: '' } },
      }),
    ];
  },
});
