/** Random organizations, and random declarations over the same names, so that the two meet often. */
import fc from 'fast-check';
import { CATEGORIES, type Capabilities, cellsOf } from '#model/capabilities.ts';
import { ending } from '#model/ends.ts';
import type {
  GrantAccess,
  GrantTerms,
  MachineProject,
  OrganizationState,
  ProjectScope,
} from '#model/organization.ts';
import type { Desired } from '#planning/plan-types.ts';
import { desired, settled } from './desired.ts';
import { HOUR, NOW, organization } from './organization.ts';

export const EMAILS = ['alice', 'bob', 'carol', 'dan', 'erin', 'frank'].map((name) => `${name}@acme.example`);
export const TEMPLATES = ['auditors', 'developers', 'leads'];
export const PROJECTS = ['billing', 'payments', 'web'];
export const SECRETS = ['api-token', 'db-password', 'key'];
export const GROUPS = ['everyone', 'operations'];
export const MACHINES = ['ci', 'payments-api', 'web-frontend'];

const accessLevel = fc.constantFrom<GrantAccess>('Read', 'Write');

/** Cells that a template can give. */
const cell = fc.constantFrom(
  ...CATEGORIES.filter((name) => name !== 'Templates').flatMap((name) =>
    cellsOf(name)
      .filter((one) => !['Assign templates', 'Change member scope'].includes(one))
      .map((one) => [name, one] as const),
  ),
);

/** One of them as a cut names it: `Secrets: View`. */
export const cellName = cell.map(([category, name]) => `${category}: ${name}`);

/** A few of them. */
export const capabilities: fc.Arbitrary<Capabilities> = fc
  .uniqueArray(cell, { minLength: 1, maxLength: 4 })
  .map((cells) => {
    const map: { [category: string]: string[] } = {};
    for (const category of CATEGORIES) {
      const own = cellsOf(category).filter((one) => cells.some(([c, n]) => c === category && n === one));
      if (own.length > 0) map[category] = own;
    }
    return map as Capabilities;
  });

const scopeOf = (projects: readonly string[]): fc.Arbitrary<ProjectScope> =>
  fc.oneof(fc.constant<ProjectScope>('All'), fc.subarray([...projects]));

/** Mostly none; else one that has come, or one that will (M5). */
const end = fc.constantFrom(undefined, undefined, undefined, NOW - HOUR, NOW + HOUR, NOW + 48 * HOUR);

const terms: fc.Arbitrary<GrantTerms> = fc
  .tuple(accessLevel, end)
  .map(([access, expiresAt]) => ({ access, ...ending(expiresAt) }));

const grantsOf = (projects: readonly string[]): fc.Arbitrary<Record<string, GrantTerms>> =>
  fc
    .subarray([...projects])
    .chain((names) =>
      fc
        .array(terms, { minLength: names.length, maxLength: names.length })
        .map((given) =>
          Object.fromEntries(names.map((name, index) => [name, given[index] ?? { access: 'Read' }])),
        ),
    );

const machineAccess = (projects: readonly string[]): fc.Arbitrary<MachineProject[]> =>
  fc
    .subarray([...projects])
    .chain((names) =>
      fc.tuple(...names.map((project) => fc.subarray(SECRETS).map((secrets) => ({ project, secrets })))),
    );

const person = (templates: readonly string[], projects: readonly string[]) =>
  fc
    .record({
      expiresAt: end,
      templateExpiresAt: end,
      role: fc.constantFrom('Admin' as const, 'Member' as const),
      template: fc.oneof(fc.constant(null), ...(templates.length > 0 ? [fc.constantFrom(...templates)] : [])),
      projectScope: fc.oneof(fc.constant(null), fc.subarray([...projects])),
      state: fc.constantFrom('Active' as const, 'Active' as const, 'Suspended' as const),
      grants: grantsOf(projects),
    })
    .map(({ expiresAt, templateExpiresAt, ...fields }) => ({
      ...fields,
      ...ending(expiresAt),
      ...(fields.template === null || templateExpiresAt === undefined ? {} : { templateExpiresAt }),
    }));

/** Mostly none; else any name, whether there is such a thing or not. */
const formerNameOf = (names: readonly string[]): fc.Arbitrary<string | null> =>
  fc.constantFrom(null, null, null, ...names);

/** What is declared: every reference resolves. Sound also for a real vault. */
export const arbitraryDesired: fc.Arbitrary<Desired> = fc
  .record({
    projects: fc.subarray(PROJECTS),
    templates: fc.subarray(TEMPLATES),
    emails: fc.subarray(EMAILS),
    groups: fc.subarray(GROUPS),
  })
  .chain(({ projects, templates, emails, groups }) =>
    fc
      .record({
        templates: fc.tuple(
          ...templates.map(() => fc.tuple(capabilities, scopeOf(projects), formerNameOf(TEMPLATES))),
        ),
        members: fc.tuple(...emails.map(() => person(templates, projects))),
        projects: fc.tuple(
          ...projects.map(() =>
            fc.record({
              renamedFrom: formerNameOf(PROJECTS),
              description: fc.constantFrom('', 'described'),
              secrets: fc.subarray(SECRETS),
              deletionPolicy: fc.constantFrom('Orphan' as const, 'Delete' as const),
              grants: grantsOf(emails),
              groupGrants: grantsOf(groups),
            }),
          ),
        ),
        groups: fc.tuple(
          ...groups.map((name) => fc.tuple(fc.constant(name), fc.subarray(emails), grantsOf(projects), end)),
        ),
        machines: fc.subarray(MACHINES).chain((names) =>
          fc.tuple(
            ...names.map((name) =>
              fc.record({
                name: fc.constant(name),
                access: machineAccess(projects),
                deletionPolicy: fc.constantFrom('Revoke' as const, 'Orphan' as const),
              }),
            ),
          ),
        ),
      })
      .map((parts) => {
        const builder = desired();
        templates.forEach((name, index) => {
          const template = parts.templates[index];
          if (template === undefined) return;
          const [cells, scope, renamedFrom] = template;
          builder.template(name, cells, scope, { renamedFrom });
        });
        emails.forEach((email, index) => {
          builder.member(email, parts.members[index]);
        });
        projects.forEach((name, index) => {
          const project = parts.projects[index];
          if (project === undefined) return;
          const generator = { length: 32, charset: 'Alphanumeric' as const };
          const secrets = project.secrets.map((secret) => ({ name: secret, generator }));
          builder.project(name, { ...project, secrets });
        });
        for (const [name, members, grants, until] of parts.groups) {
          const [first] = members;
          const ends = first === undefined || until === undefined ? {} : { [first]: until };
          builder.group(name, members, { grants, ends });
        }
        for (const { name, access, deletionPolicy } of parts.machines) {
          builder.machine(name, access, { deletionPolicy });
        }
        return builder.build();
      }),
  );

/**
 * What is there: partly ours, partly foreign, partly of another manager, with people who were cut. For a real
 * vault take `arbitraryDesired` and apply it instead.
 */
export const arbitraryOrganization: fc.Arbitrary<OrganizationState> = fc
  .record({ projects: fc.subarray(PROJECTS), templates: fc.subarray(TEMPLATES) })
  .chain(({ projects, templates }) =>
    fc.record({
      projects: fc.constant(projects),
      templates: fc.tuple(
        ...templates.map((name) => fc.tuple(fc.constant(name), capabilities, scopeOf(projects))),
      ),
      members: fc.subarray(EMAILS).chain((emails) =>
        fc.tuple(
          ...emails.map((email) =>
            fc.record({
              email: fc.constant(email),
              fields: person(templates, projects),
              invited: fc.constantFrom(
                null,
                { expiresAt: NOW + HOUR },
                { expiresAt: NOW - HOUR, attempts: 2 },
              ),
            }),
          ),
        ),
      ),
      machines: fc.subarray(MACHINES).chain((names) =>
        fc.tuple(
          ...names.map((name) =>
            fc.record({
              name: fc.constant(name),
              access: machineAccess(projects),
              disabledAt: fc.constantFrom(null, NOW - HOUR, NOW - 48 * HOUR),
            }),
          ),
        ),
      ),
      groups: fc
        .subarray(GROUPS)
        .chain((names) =>
          fc.tuple(
            ...names.map((name) => fc.tuple(fc.constant(name), fc.subarray(EMAILS), grantsOf(projects), end)),
          ),
        ),
      owned: fc.constantFrom('all' as const, 'none' as const, 'some' as const),
      declined: fc.subarray(EMAILS, { maxLength: 1 }),
      cutFields: fc.subarray(['RoleLowered', 'TemplateTaken', 'ScopeNarrowed'] as const),
      cutGroup: fc.constantFrom(null, 'GroupDeleted' as const, 'MembershipRemoved' as const),
      rooms: fc.constantFrom(null, null, 0, 1),
      cutProject: fc.option(fc.constantFrom(...PROJECTS)),
      seats: fc.constantFrom(null, 4, 7),
      settled: fc.boolean(),
    }),
  )
  .map((parts) => {
    const builder = organization();
    for (const name of parts.projects) builder.project(name, SECRETS.slice(0, 2));
    for (const [name, cells, scope] of parts.templates) builder.template(name, cells, scope);
    const listOf = (grants: Record<string, GrantTerms>) =>
      Object.entries(grants)
        .map(([project, given]) => ({ project, ...given }))
        .sort((a, b) => (a.project < b.project ? -1 : 1));
    const there = parts.members.map(({ email }) => email);
    for (const [name, emails, grants, until] of parts.groups) {
      const listed = emails.filter((email) => there.includes(email));
      // Of the first one that it lists.
      const ends =
        until === undefined ? [] : listed.slice(0, 1).map((member) => ({ member, expiresAt: until }));
      builder.group(name, listed, listOf(grants), ends);
    }
    for (const { email, fields, invited } of parts.members) {
      const { grants, ...rest } = fields;
      const list = listOf(grants);
      if (invited === null) builder.member(email, { ...rest, grants: list });
      else {
        const { state: _state, ...access } = rest;
        builder.member(email, { ...access, grants: list, invited });
      }
    }
    for (const { name, access, disabledAt } of parts.machines) {
      const granted = access.map(({ project, secrets }) => ({
        project,
        secrets: secrets.filter((secret) => SECRETS.slice(0, 2).includes(secret)),
      }));
      builder.machine(name, granted, { enabled: disabledAt === null, disabledAt });
    }
    if (parts.owned !== 'none') builder.ours();
    for (const email of parts.declined)
      builder.tombstone('Member', email, 'Declined', { entry: 'aud_declined' });
    for (const email of EMAILS.slice(1, 4)) {
      for (const act of parts.cutFields) builder.tombstone('Member', email, act, { entry: `aud_${act}` });
    }
    if (parts.cutGroup !== null) {
      const item = parts.cutGroup === 'GroupDeleted' ? {} : { item: EMAILS[1] as string };
      builder.tombstone('Group', 'operations', parts.cutGroup, { entry: 'aud_group', ...item });
    }
    if (parts.cutProject !== null) {
      builder.tombstone('Group', 'everyone', 'GrantRemoved', { entry: 'aud_cut', item: parts.cutProject });
      for (const email of EMAILS.slice(0, 2)) {
        builder.tombstone('Member', email, 'GrantRemoved', { entry: 'aud_cut', item: parts.cutProject });
      }
    }
    let state = builder.build();
    if (parts.owned === 'some') {
      state = {
        ...state,
        records: state.records.flatMap((record, index) =>
          index % 3 === 0 ? [] : index % 5 === 0 ? [{ ...record, manager: 'other/other' }] : [record],
        ),
      };
    }
    if (parts.seats !== null) {
      state = { ...state, plan: { ...state.plan, caps: { ...state.plan.caps, members: parts.seats } } };
    }
    if (parts.rooms !== null) {
      state = { ...state, plan: { ...state.plan, caps: { ...state.plan.caps, groups: parts.rooms } } };
    }
    return parts.settled ? settled(state) : state;
  });
