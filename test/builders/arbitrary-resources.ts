/** Random organizations as custom resources: what a folder or a namespace would hold. */
import fc from 'fast-check';
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import type { GrantAccess } from '#model/organization.ts';
import { capabilities } from './arbitrary.ts';
import { resource } from './resources.ts';

const PROJECTS = ['Billing', 'Payments', 'Web'];
const SECRETS = ['api token', 'db-password', 'key'];
const GROUPS = ['everyone', 'ops'];
const TEMPLATES = ['auditors', 'developers'];

/** Mostly none; else one that has come, or one that is far away (M5). */
const end = fc.constantFrom<{ expiresAt?: string }>(
  {},
  {},
  {},
  { expiresAt: '2020-01-01T00:00:00Z' },
  { expiresAt: '2999-12-31T23:59:59+02:00' },
);
const accessLevel = fc.constantFrom<GrantAccess>('Read', 'Write');
const some = <T>(values: readonly T[]) => fc.subarray([...values]);

/** Mostly none; else any name, whether there is such a thing or not. */
const formerNameOf = (names: readonly string[]) =>
  fc.constantFrom<{ renamedFrom?: string }>({}, {}, {}, ...names.map((renamedFrom) => ({ renamedFrom })));

const project = (name: string, groups: readonly string[]): fc.Arbitrary<CustomResource> =>
  fc
    .record({
      former: formerNameOf(PROJECTS),
      description: fc.constantFrom('', 'of the shop'),
      secrets: some(SECRETS),
      grants: some(groups).chain((names) =>
        fc.tuple(...names.map((group) => accessLevel.map((access) => ({ group, access })))),
      ),
    })
    .map(({ former, description, secrets, grants }) =>
      resource('Project', name.toLowerCase(), {
        name,
        ...former,
        description,
        grants,
        secrets: secrets.map((secret) => ({ name: secret, generator: { length: 16 } })),
      }),
    );

const template = (name: string, projects: readonly string[]): fc.Arbitrary<CustomResource> =>
  fc
    .record({
      former: formerNameOf(TEMPLATES),
      capabilities,
      scope: fc.option(some(projects), { nil: undefined }),
    })
    .map(({ former, capabilities: cells, scope }) =>
      resource('PermissionTemplate', name, {
        ...former,
        capabilities: cells as Record<string, string[]>,
        projectScope: scope === undefined ? { all: true } : { projects: scope },
      }),
    );

const member = (index: number, projects: readonly string[], templates: readonly string[]) =>
  fc
    .record({
      role: fc.constantFrom('Admin' as const, 'Member' as const),
      state: fc.constantFrom('Active' as const, 'Active' as const, 'Active' as const, 'Suspended' as const),
      ends: end,
      templateEnds: end,
      templateRef: fc.option(fc.constantFrom(...TEMPLATES), { nil: undefined }),
      grants: some(projects).chain((names) =>
        fc.tuple(
          ...names.map((name) =>
            fc.tuple(accessLevel, end).map(([access, until]) => ({ project: name, access, ...until })),
          ),
        ),
      ),
    })
    .map(({ role, state, templateRef, grants, ends, templateEnds }): CustomResource => {
      const known = templateRef !== undefined && templates.includes(templateRef);
      return resource('Member', `m${index}`, {
        email: `M${index}@acme.example`,
        role,
        state,
        grants,
        ...ends,
        ...(known ? { templateRef: { name: templateRef, ...templateEnds } } : {}),
      });
    });

const machine = (name: string, projects: readonly CustomResource[]): fc.Arbitrary<CustomResource> =>
  some(projects).map((chosen) =>
    resource('MachineBinding', name, {
      machineName: name,
      key: { secretName: `${name}-key` },
      projects: (chosen as CustomResource<'Project'>[]).map(({ spec }) => ({
        name: spec.name ?? '',
        secrets: (spec.secrets ?? []).map((secret) => secret.name),
      })),
    }),
  );

const group = (name: string, members: readonly number[], projects: readonly string[]) =>
  fc
    .tuple(
      some(members),
      some(projects).chain((names) =>
        fc.tuple(...names.map((project) => accessLevel.map((access) => ({ project, access })))),
      ),
    )
    .map(
      ([listed, grants]): CustomResource =>
        resource('Group', name, {
          members: listed.map((index) => ({ email: `m${index}@Acme.example` })),
          grants,
        }),
    );

/** Objects of one organization that fit together: everything that is referred to is declared. */
export const arbitraryResources: fc.Arbitrary<readonly CustomResource[]> = fc
  .tuple(some(PROJECTS), some(TEMPLATES), some([0, 1, 2, 3, 4, 5]), some(['ci', 'api']), some(GROUPS))
  .chain(([projects, templates, members, machines, groups]) =>
    fc
      .tuple(...projects.map((name) => project(name, groups)))
      .chain((declared) =>
        fc.tuple(
          fc.constant(declared),
          fc.tuple(...templates.map((name) => template(name, projects))),
          fc.tuple(...members.map((index) => member(index, projects, templates))),
          fc.tuple(...groups.map((name) => group(name, members, projects))),
          fc.tuple(...machines.map((name) => machine(name, declared))),
        ),
      ),
  )
  .map((parts) => parts.flat());
