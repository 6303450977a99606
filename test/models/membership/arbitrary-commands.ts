/** Random starts and commands over few names, so that what happens meets what is there. */
import fc from 'fast-check';
import type { GrantAccess } from '#model/organization.ts';
import { type Command, emailOf, type Fault, type ObjectName, type Start } from './commands.ts';

const PEOPLE = ['alice', 'bob', 'carol', 'dan', 'erin'];
const PROJECTS = ['billing', 'web'];
const GROUPS = ['operations', 'readers'];

const named = fc.constantFrom<string[]>;
const email = named(...PEOPLE).map(emailOf);
const project = named(...PROJECTS);
const level = fc.constantFrom<GrantAccess>('Read', 'Write');
/** Mostly the Organization's own; `stray` is listed nowhere. */
const namespace = named('acme', 'acme', 'acme', 'acme', 'team', 'team', 'stray');
/** Hours after the start; mostly none. */
const end = fc.constantFrom<{ expiresAt?: number }>(
  {},
  {},
  {},
  { expiresAt: -1 },
  { expiresAt: 3 },
  { expiresAt: 30 },
  { expiresAt: 9000 },
);

const grants = fc
  .subarray(PROJECTS)
  .chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc.tuple(level, end).map(([access, ends]) => ({ project: name, access, ...ends })),
      ),
    ),
  );

const memberSpec = (name: string) =>
  fc
    .record({
      role: named('Member', 'Member', 'Member', 'Admin'),
      state: named('Active', 'Active', 'Active', 'Active', 'Suspended'),
      ends: end,
      template: fc.constantFrom(null, null, { name: 'developers', namespace: 'acme' }),
      grants,
    })
    .map(({ role, state, ends, template, grants: given }) => ({
      ...{ email: emailOf(name), role, state },
      ...ends,
      ...(template === null ? {} : { templateRef: template }),
      ...(given.length === 0 ? {} : { grants: given }),
    }));

const groupSpec = fc
  .record({ members: fc.subarray(PEOPLE), ends: fc.array(end, { minLength: 5, maxLength: 5 }), grants })
  .map(({ members, ends, grants: given }) => ({
    members: members.map((name, index) => ({ email: emailOf(name), ...ends[index] })),
    grants: given,
  }));

const projectGrants = fc.oneof(
  fc.constant([]),
  fc.tuple(fc.record({ member: email, access: level })),
  fc.tuple(fc.record({ group: named(...GROUPS), access: level })),
);
const projectSpec = fc
  .record({ description: named('', 'of the shop'), grants: projectGrants })
  .map(({ description, grants: given }) => ({ description, grants: given }));

const templateSpec = fc.constantFrom(
  { capabilities: { Alerts: ['View'] }, projectScope: { all: true } },
  { capabilities: { Alerts: ['View'], Secrets: ['View'] }, projectScope: { projects: ['web'] } },
  { capabilities: { Machines: ['View', 'Manage'] }, projectScope: { all: true } },
);

const memberName = fc
  .tuple(named(...PEOPLE), namespace)
  .map(([name, where]): ObjectName => ({ kind: 'Member', namespace: where, name }));

const declares: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: memberName.chain((object) =>
      memberSpec(object.name).map((spec): Command => ({ git: 'set', object, spec })),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(named(...GROUPS), namespace, groupSpec).map(
      ([name, where, spec]): Command => ({
        git: 'set',
        object: { kind: 'Group', namespace: where, name },
        spec,
      }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(project, projectSpec).map(
      ([name, spec]): Command => ({
        git: 'set',
        object: { kind: 'Project', namespace: 'acme', name },
        spec,
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: templateSpec.map(
      (spec): Command => ({
        git: 'set',
        object: { kind: 'PermissionTemplate', namespace: 'acme', name: 'developers' },
        spec,
      }),
    ),
  },
);

const objectName: fc.Arbitrary<ObjectName> = fc.oneof(
  { weight: 6, arbitrary: memberName },
  {
    weight: 2,
    arbitrary: fc
      .tuple(named(...GROUPS), namespace)
      .map(([name, where]): ObjectName => ({ kind: 'Group', namespace: where, name })),
  },
  { weight: 2, arbitrary: project.map((name): ObjectName => ({ kind: 'Project', namespace: 'acme', name })) },
  {
    weight: 1,
    arbitrary: fc.constant<ObjectName>({ kind: 'PermissionTemplate', namespace: 'acme', name: 'developers' }),
  },
);

const nth = fc.nat({ max: 5 });
const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fault>({ is: 'None' }) },
  { weight: 1, arbitrary: fc.constantFrom<Fault>({ is: 'Partial' }, { is: 'KilledAfterReserving' }) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom('Refused' as const, 'Failed' as const, 'Killed' as const, 'AnswerLost' as const),
        nth,
      )
      .map(([is, at]): Fault => ({ is, nth: at })),
  },
);

const ownerAct: fc.Arbitrary<Command> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(
        'suspends' as const,
        'unsuspends' as const,
        'removes' as const,
        'lowers the role of' as const,
      ),
      email,
    )
    .map(([owner, who]): Command => ({ owner, email: who })),
  fc.record({ owner: fc.constant('takes the grant of' as const), email, project }),
  fc.record({ owner: fc.constant('takes off the group' as const), email, group: named(...GROUPS) }),
  fc.record({ owner: fc.constant('makes a group of' as const), email, project, access: level }),
);

/** Seconds: within a settling, an hour, days, beyond the life of an invite. */
const clock = fc.constantFrom(10, 31, 3600, 20 * 3600, 3 * 24 * 3600, 8 * 24 * 3600);

/** By how often one of them should come. */
export const COMMANDS: readonly (readonly [weight: number, fc.Arbitrary<Command>])[] = [
  [7, declares],
  [2, objectName.map((object): Command => ({ git: 'delete', object }))],
  [1, objectName.map((object): Command => ({ git: 'break', object }))],
  [
    1,
    fc.constantFrom<Command>(
      { git: 'revert' },
      { git: 'lose', namespace: 'acme' },
      { git: 'lose', namespace: 'team' },
    ),
  ],
  [1, memberName.map((object): Command => ({ git: 'reinstate', object }))],
  [4, email.map((who): Command => ({ invitee: 'accepts', email: who }))],
  [1, email.map((who): Command => ({ invitee: 'declines', email: who }))],
  [1, email.map((who): Command => ({ member: 'leaves', email: who }))],
  [3, ownerAct],
  [1, fc.constant<Command>({ owner: 'approves' })],
  [1, fc.constant<Command>({ cluster: 'is rebuilt' })],
  [3, clock.map((seconds): Command => ({ clock: 'goes on', seconds }))],
  [1, fc.constantFrom(2, 5).map((weeks): Command => ({ clock: 'goes on by weeks', weeks }))],
  [6, fault.map((pass): Command => ({ pass }))],
];

/** As many in all windows, whoever is there. */
const units = fc.integer({ min: 0, max: 4 }).map((some) => ({ min: some, max: some, percent: 0 }));

export const arbitraryStart: fc.Arbitrary<Start> = fc
  .record({
    manager: fc.constantFrom('Operator' as const, 'Operator' as const, 'CommandLine' as const),
    lossBudget: fc.record({ people: units, suspensions: units, invites: units, access: units }),
    losses: fc.constantFrom('Budget' as const, 'Budget' as const, 'Budget' as const, 'Hold' as const),
    privilegeApproval: fc.constantFrom('Always' as const, 'Never' as const),
    cuts: fc.constantFrom('Report' as const, 'Stall' as const),
    listsTeam: fc.boolean(),
    invitesPerHour: fc.integer({ min: 2, max: 5 }),
    invitesPerDay: fc.integer({ min: 3, max: 9 }),
    founders: fc.subarray(PEOPLE),
  })
  .map(({ lossBudget, losses, privilegeApproval, cuts, ...start }) => ({
    ...start,
    rails: { lossBudget, losses, privilegeApproval, cuts },
  }));
