import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import { organizationResource, resource } from '#test/builders/resources.ts';
import { acceptInvite } from '#test/builders/vault.ts';
import { World } from './world.ts';

const ANN = 'ann@acme.example';

const ORGANIZATION = organizationResource({
  rails: { privilegeApproval: 'Never', lossBudget: { access: { min: 90 }, machines: { min: 90 } } },
});

async function world(): Promise<World> {
  const started = await World.start();
  onTestFinished(() => started[Symbol.asyncDispose]());
  return started;
}

/** All that names the project, and the template, by the name that it is given. */
function naming(
  project: string,
  template: string,
  lines: { project?: string; template?: string } = {},
): CustomResource[] {
  const from = (renamedFrom: string | undefined) => (renamedFrom === undefined ? {} : { renamedFrom });
  return [
    ORGANIZATION,
    resource('Project', 'p', {
      name: project,
      ...from(lines.project),
      secrets: [{ name: 'key', generator: { length: 8 } }],
    }),
    resource('PermissionTemplate', 't', {
      name: template,
      ...from(lines.template),
      capabilities: { Secrets: ['View'] },
      projectScope: { projects: [project] },
    }),
    resource('Member', 'ann', {
      email: ANN,
      templateRef: { name: 't' },
      grants: [{ project, access: 'Read' }],
    }),
    resource('Group', 'g', { members: [{ email: ANN }], grants: [{ project, access: 'Write' }] }),
    resource('MachineBinding', 'api', {
      machineName: 'api',
      key: { secretName: 'api-key' },
      projects: [{ name: project, secrets: ['key'] }],
    }),
  ];
}

async function converged(world: World, objects: readonly CustomResource[]) {
  for (let pass = 0; pass < 5; pass++) {
    const { plan } = await world.pass(objects);
    if (plan.steps.length === 0) return world.vault.snapshot();
  }
  throw new Error(
    `not at rest: ${JSON.stringify((await world.pass(objects)).plan.steps.map(({ action }) => action))}`,
  );
}

describe('a commit that renames (P2)', () => {
  it('is two steps where it renames a project and a template, whatever names them, and nothing else moves', async () => {
    const team = await world();
    await converged(team, naming('payments', 'devs'));
    await acceptInvite(team.vault, ANN);
    const before = await converged(team, naming('payments', 'devs'));

    const commit = naming('billing', 'developers', { project: 'payments', template: 'devs' });
    const { plan, answers } = await team.pass(commit);
    expect([...answers.values()].map(({ status }) => status)).toEqual(['Done', 'Done']);
    expect(plan.steps).toEqual([]);
    const after = await converged(team, commit);
    const ids = ({ projects, templates, secrets, members, machines }: typeof before) =>
      [projects, templates, secrets, members, machines].map((items) => items.map(({ id }) => id).sort());
    expect(ids(after)).toEqual(ids(before));
    expect(after.members.find(({ email }) => email === ANN)).toMatchObject({
      template: 'developers',
      grants: [{ project: 'billing', access: 'Read' }],
    });
    expect(after.machines).toMatchObject([{ access: [{ project: 'billing', secrets: ['key'] }] }]);
    // The line may stay, and go.
    await converged(team, naming('billing', 'developers'));
  });

  it('waits while the object of the former name is still there, as Flux applies before it prunes', async () => {
    const team = await world();
    const former = naming('payments', 'devs');
    const before = await converged(team, former);
    const [organization, project, ...others] = naming('billing', 'devs', { project: 'payments' });
    const renamed = { ...project, metadata: { ...project?.metadata, name: 'another' } } as CustomResource;
    const both = [organization, renamed, ...others, former[1]] as CustomResource[];
    const { plan, answers } = await team.pass(both);
    expect(answers.size).toBe(0);
    expect(plan.findings.map(({ reason }) => reason)).toContain('RenameWaiting');
    expect((await team.vault.snapshot()).machines).toEqual(before.machines);

    const after = await converged(team, both.slice(0, -1));
    expect(after.secrets).toEqual([{ ...before.secrets[0], project: 'billing' }]);
  });
});

/** A folder of projects a to d: which of three things each is, and whether the line of its name is written. */
const NAMES = ['a', 'b', 'c', 'd', 'e'] as const;
type Folder = readonly { readonly name: string; readonly from?: string; readonly at: string }[];

const arbitraryFolder: fc.Arbitrary<Folder> = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom(...NAMES),
      from: fc.option(fc.constantFrom(...NAMES), { nil: undefined, freq: 2 }),
      at: fc.constantFrom('acme', 'acme', 'team'),
    }),
    { selector: ({ name, at }) => `${name} ${at}`, maxLength: 5 },
  )
  .map((folder) => folder as Folder);

const ACCESS = [{ namespace: 'team', kinds: ['Project', 'MachineBinding'], projects: [...NAMES] }] as const;

function objectsOf(folder: Folder): CustomResource[] {
  const objects = folder.flatMap(({ name, from, at }) => {
    const project = resource('Project', name, {
      ...(from === undefined ? {} : { renamedFrom: from }),
      secrets: [{ name: 'key', generator: { length: 8 } }],
    });
    const binding = resource('MachineBinding', name, {
      machineName: `${at}-${name}`,
      key: { secretName: `${name}-key` },
      projects: [{ name, secrets: ['key'] }],
    });
    return [project, binding].map((object) => ({
      ...object,
      metadata: { ...object.metadata, namespace: at },
      spec: { ...object.spec, organizationRef: { name: 'acme', namespace: 'acme' } },
    }));
  });
  const organization = organizationResource({
    access: ACCESS as never,
    rails: { privilegeApproval: 'Never', lossBudget: { access: { min: 90 }, machines: { min: 90 } } },
  });
  return [organization, ...(objects as CustomResource[])];
}

it('whatever folders rename: plan and vault agree, no secret is lost, and nothing goes from one origin to another', async () => {
  let renames = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(arbitraryFolder, { minLength: 2, maxLength: 5 }), async (commits) => {
      const team = await World.start();
      try {
        const origins = new Map<string, string>();
        for (const folder of commits) {
          const before = await team.vault.snapshot();
          const { answers } = await team.pass(objectsOf(folder));
          // What the plan says runs, the vault takes.
          expect([...answers.values()].filter(({ status }) => status !== 'Done')).toEqual([]);
          const after = await team.vault.snapshot();
          const there = new Set(after.secrets.map(({ id }) => id));
          expect(before.secrets.filter(({ id }) => !there.has(id))).toEqual([]);
          for (const { id, name } of after.projects) {
            const record = after.records.find(({ kind, key }) => kind === 'Project' && key === name);
            const was = before.projects.find((project) => project.id === id)?.name;
            if (was !== undefined && was !== name) {
              renames += 1;
              expect(record?.origin).toBe(origins.get(id));
            }
            if (record !== undefined) origins.set(id, record.origin);
          }
        }
      } finally {
        await team[Symbol.asyncDispose]();
      }
    }),
    // One in which a rename happens for sure: what random folders do is no ground for `renames`.
    { numRuns: 25, examples: [[[[{ name: 'a', at: 'acme' }], [{ name: 'b', from: 'a', at: 'acme' }]]]] },
  );
  expect(renames).toBeGreaterThan(0);
}, 120_000);
