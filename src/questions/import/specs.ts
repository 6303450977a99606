/** Specs of what a vault has, for a folder: one function a kind. Pure. What is the default is left out. */
import type { Spec } from '#api/v1alpha1/kinds.ts';
import { endText, hasEnded } from '#model/ends.ts';
import type {
  Grant,
  Group,
  Machine,
  Member,
  PermissionTemplate,
  Project,
  ProjectScope,
} from '#model/organization.ts';

type Reference = Spec<'Member'>['organizationRef'];

/** A grant by its project, or a membership by its e-mail. */
interface Untold {
  readonly item: string;
  readonly expiresAt: number | undefined;
  readonly reason: 'Ended' | 'EndsWithinSecond';
}

/** What of a thing can be said in Git, and what of it cannot. */
export interface Told<Said> {
  readonly spec: Said;
  readonly leftOut: readonly Untold[];
}

/** Whether an end can be written: Git says whole seconds. */
export function canBeSaid(expiresAt: number | undefined): boolean {
  return expiresAt === undefined || expiresAt % 1000 === 0;
}

/**
 * `ours`: projects of the grants that the record of this manager names; one that has ended is said as long as it is ours,
 * because a line that falls away is a change.
 */
export function memberSpec(
  member: Member,
  organizationRef: Reference,
  {
    template,
    ours,
    now,
  }: {
    readonly template: Spec<'Member'>['templateRef'];
    readonly ours: ReadonlySet<string>;
    readonly now: number;
  },
): Told<Spec<'Member'>> {
  const { grants, leftOut } = saidGrants(member.grants, ours, now);
  const { email, role, expiresAt, templateExpiresAt, projectScope, state } = member;
  return {
    leftOut,
    spec: {
      organizationRef,
      email,
      ...(role === 'Admin' ? { role } : {}),
      ...end(expiresAt),
      ...(template === undefined ? {} : { templateRef: { ...template, ...end(templateExpiresAt) } }),
      ...(projectScope === null || projectScope === 'All' ? {} : { projectScope: scope(projectScope) }),
      ...(grants.length === 0 ? {} : { grants }),
      ...(state === 'Suspended' ? { state } : {}),
    },
  };
}

export function groupSpec(
  group: Group,
  organizationRef: Reference,
  { name, ours, now }: { readonly name: string; readonly ours: ReadonlySet<string>; readonly now: number },
): Told<Spec<'Group'>> {
  const { grants, leftOut } = saidGrants(group.grants, ours, now);
  const ends = new Map(group.ends?.map(({ member, expiresAt }) => [member, expiresAt]));
  const untold = group.members.flatMap((email): Untold[] => {
    const expiresAt = ends.get(email);
    return canBeSaid(expiresAt) ? [] : [{ item: email, expiresAt, reason: 'EndsWithinSecond' }];
  });
  const members = group.members
    .filter((email) => canBeSaid(ends.get(email)))
    .map((email) => ({ email, ...end(ends.get(email)) }));
  return {
    leftOut: [...leftOut, ...untold],
    spec: {
      organizationRef,
      ...named(group, name),
      ...(members.length === 0 ? {} : { members }),
      ...(grants.length === 0 ? {} : { grants }),
    },
  };
}

export function templateSpec(
  template: PermissionTemplate,
  organizationRef: Reference,
  name: string,
): Spec<'PermissionTemplate'> {
  const { capabilities, projectScope } = template;
  return {
    organizationRef,
    ...named(template, name),
    capabilities,
    ...(projectScope === 'All' ? {} : { projectScope: scope(projectScope) }),
  };
}

export function projectSpec(
  project: Project,
  organizationRef: Reference,
  {
    name,
    secrets,
    deletionPolicy,
  }: { readonly name: string; readonly secrets: readonly string[]; readonly deletionPolicy: string | null },
): Spec<'Project'> {
  return {
    organizationRef,
    ...named(project, name),
    ...(secrets.length === 0 ? {} : { secrets: secrets.map((secret) => ({ name: secret })) }),
    ...(deletionPolicy === 'Delete' ? { deletionPolicy } : {}),
  };
}

/** A machine that is disabled stays so: its binding is suspended. */
export function bindingSpec(
  { name: machineName, access, enabled }: Machine,
  organizationRef: Reference,
  { name, deletionPolicy }: { readonly name: string; readonly deletionPolicy: string | null },
): Spec<'MachineBinding'> {
  return {
    organizationRef,
    machineName,
    projects: access.map(({ project, secrets }) => ({
      name: project,
      ...(secrets.length === 0 ? {} : { secrets: [...secrets] }),
    })),
    key: { secretName: `${name}-key` },
    ...(enabled ? {} : { suspend: true }),
    ...(deletionPolicy === 'Orphan' ? { deletionPolicy } : {}),
  };
}

function saidGrants(
  grants: readonly Grant[],
  ours: ReadonlySet<string>,
  now: number,
): { readonly grants: NonNullable<Spec<'Member'>['grants']>; readonly leftOut: Told<unknown>['leftOut'] } {
  const said: NonNullable<Spec<'Member'>['grants']> = [];
  const leftOut: Untold[] = [];
  for (const grant of grants) {
    const { project, access, expiresAt } = grant;
    if (!canBeSaid(expiresAt)) leftOut.push({ item: project, expiresAt, reason: 'EndsWithinSecond' });
    else if (hasEnded(expiresAt, now) && !ours.has(project))
      leftOut.push({ item: project, expiresAt, reason: 'Ended' });
    else said.push({ project, access, ...end(expiresAt) });
  }
  return { grants: said, leftOut };
}

function named(
  thing: { readonly name: string; readonly description: string },
  objectName: string,
): { readonly name?: string; readonly description?: string } {
  return {
    ...(thing.name === objectName ? {} : { name: thing.name }),
    ...(thing.description === '' ? {} : { description: thing.description }),
  };
}

function end(expiresAt: number | undefined): { readonly expiresAt?: string } {
  return expiresAt === undefined ? {} : { expiresAt: endText(expiresAt) };
}

function scope(projects: Exclude<ProjectScope, 'All'>): { readonly projects: string[] } {
  return { projects: [...projects] };
}
