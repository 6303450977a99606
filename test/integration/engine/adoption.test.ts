import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ANNOTATIONS } from '#api/v1alpha1/kinds.ts';
import type { MachineProject } from '#model/organization.ts';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { organizationResource, resource } from '#test/builders/resources.ts';
import { World } from './world.ts';

const SECRETS = ['key', 'token'];
const PROJECTS = ['api', 'web'];
const access: fc.Arbitrary<MachineProject[]> = fc
  .subarray(PROJECTS)
  .chain((names) =>
    fc.tuple(...names.map((project) => fc.subarray(SECRETS).map((secrets) => ({ project, secrets })))),
  );
const organization = organizationResource({ rails: { privilegeApproval: 'Always' } });

const binding = (name: string, declared: readonly MachineProject[], adopt: string | null) =>
  resource(
    'MachineBinding',
    name,
    {
      machineName: name,
      key: { secretName: `${name}-key` },
      projects: declared.map(({ project, secrets }) => ({ name: project, secrets: [...secrets] })),
    },
    adopt === null ? {} : { annotations: { [ANNOTATIONS.adopt]: adopt } },
  );

const itemsOf = (given: readonly MachineProject[]) =>
  given.flatMap(({ project, secrets }) => [project, ...secrets.map((secret) => `${project}/${secret}`)]);

/** What the vault refused of what the plan let run. */
const refusals = ({ answers }: Awaited<ReturnType<World['pass']>>) =>
  [...answers.values()].filter(({ status }) => status !== 'Done');

test('plan and vault agree on what is adopted: what the plan lets run is taken, and what it holds goes with one approval', async () => {
  const given = fc.record({
    has: access,
    wants: access,
    covers: fc.boolean(),
    consents: fc.boolean(),
    declares: fc.subarray(PROJECTS),
    descriptions: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(given, async ({ has, wants, covers, consents, declares, descriptions }) => {
      await using world = await World.start();
      const { vault } = world;
      const paths = PROJECTS.flatMap((project) => SECRETS.map((secret) => `${project}/${secret}`));
      await setValues(vault, Object.fromEntries(paths.map((path) => [path, 'value'])));
      const machine = await newMachine(vault, 'ci', has);
      const { projects } = await vault.snapshot();
      const idOf = (name: string) => projects.find((project) => project.name === name)?.id ?? '';
      const objects = [
        organization,
        binding('ci', covers ? has : wants, consents ? machine.id : null),
        binding('new', wants, null),
        ...declares.map((name) =>
          resource('Project', name, descriptions ? { description: 'ours' } : {}, {
            annotations: { [ANNOTATIONS.adopt]: idOf(name) },
          }),
        ),
      ];

      const first = await world.pass(objects);
      expect(refusals(first)).toEqual([]);
      const { records } = await vault.snapshot();
      const managed = records.map(({ kind, key }) => `${kind}/${key}`);
      expect(managed).not.toContain('MachineBinding/ci');
      for (const name of declares) expect(managed).not.toContain(`Project/${name}`);

      const held = first.plan.held.flatMap(({ steps }) => steps.map(({ action }) => action));
      if (held.length > 0) await vault.approved(held);
      const second = await world.pass(objects);
      expect(refusals(second)).toEqual([]);
      expect(second.plan.held).toEqual([]);
      const third = await world.pass(objects);
      expect(third.plan.steps).toEqual([]);

      const reads = new Set(itemsOf(has));
      const covered = itemsOf(covers ? has : wants).filter((item) => reads.has(item)).length === reads.size;
      const after = (await vault.snapshot()).records.map(({ kind, key }) => `${kind}/${key}`);
      const isDeclared = (covers ? has : wants).every(({ project }) => declares.includes(project));
      expect(after.includes('MachineBinding/ci')).toBe(consents && covered && isDeclared);
      expect(after).toEqual(expect.arrayContaining(declares.map((name) => `Project/${name}`)));
    }),
    { numRuns: 15 },
  );
});
