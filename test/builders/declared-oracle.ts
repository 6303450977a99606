/**
 * What of a declaration is not as declared, by brute force: each object is held against the state of the vault, field by
 * field, and nothing is asked of planning. What a person has to answer, or to bring, excuses.
 */
import { canonicalScope } from '#model/access.ts';
import { cellDefinition } from '#model/capabilities.ts';
import type {
  Grant,
  GrantAccess,
  MemberAccess,
  MembershipEnd,
  OrganizationState,
} from '#model/organization.ts';
import { sameValue } from '#model/same.ts';
import type {
  Desired,
  DesiredGroup,
  DesiredMachine,
  DesiredMember,
  DesiredProject,
  Source,
} from '#planning/plan-types.ts';

export interface Difference {
  readonly source: Source;
  readonly key: string;
  readonly what: string;
  /** Nobody here can hurry it: an invite that is out, a value that nobody brought, a key that a cluster makes. */
  readonly excused: boolean;
}

const LEVEL: Readonly<Record<GrantAccess, number>> = { Read: 1, Write: 2 };

export function differencesOf(desired: Desired, state: OrganizationState, now: number): Difference[] {
  return [
    ...organizationDifferences(desired, state),
    ...desired.templates.flatMap((template) => templateDifferences(template, state)),
    ...desired.projects.flatMap((project) => projectDifferences(project, state)),
    ...desired.members.flatMap((member) => memberDifferences(member, desired, state, now)),
    ...desired.projects.flatMap((project) => grantDifferences(project, desired, state, now)),
    ...desired.groups.flatMap((group) => groupDifferences(group, desired, state, now)),
    ...desired.projects.flatMap((project) => groupGrantDifferences(project, state, now)),
    ...desired.machines.flatMap((machine) => machineDifferences(machine, desired, state)),
  ];
}

/** What the vault has that no object declares and that no record names, by kind and key. */
export function undeclared(desired: Desired, state: OrganizationState): string[] {
  const recorded = new Set(state.records.map(({ kind, key }) => `${kind} ${key}`));
  const declared = new Set([
    `Member ${state.owner}`,
    ...desired.members.map(({ email }) => `Member ${email}`),
    ...desired.projects.flatMap(({ grants }) => grants.map(({ member }) => `Member ${member}`)),
    ...desired.templates.map(({ name }) => `PermissionTemplate ${name}`),
    ...desired.projects.map(({ name }) => `Project ${name}`),
    ...desired.machines.map(({ machineName }) => `MachineBinding ${machineName}`),
  ]);
  return [
    ...state.members.map(({ email }) => `Member ${email}`),
    ...state.templates.map(({ name }) => `PermissionTemplate ${name}`),
    ...state.projects.map(({ name }) => `Project ${name}`),
    ...state.machines.map(({ name }) => `MachineBinding ${name}`),
  ].filter((thing) => !declared.has(thing) && !recorded.has(thing));
}

function difference(source: Source, key: string) {
  return (what: string, differs: boolean, excused = false): Difference[] =>
    differs ? [{ source, key, what, excused }] : [];
}

function organizationDifferences({ organization }: Desired, state: OrganizationState): Difference[] {
  const { source, fields } = organization;
  const differs = difference(source, state.vaultId);
  const record = state.records.find(({ kind }) => kind === 'Organization');
  const applied = record?.applied as { readonly rails?: unknown } | undefined;
  return [
    ...differs('name', fields.displayName !== null && fields.displayName !== state.displayName),
    ...differs('rails', !sameValue(applied?.rails ?? null, fields.rails)),
  ];
}

function templateDifferences(
  { source, name, fields }: Desired['templates'][number],
  state: OrganizationState,
): Difference[] {
  const differs = difference(source, name);
  const there = state.templates.find((template) => template.name === name);
  if (there === undefined) return differs('absent', true);
  const cells = (capabilities: Readonly<Record<string, readonly string[] | undefined>>): string[] =>
    Object.entries(capabilities)
      .flatMap(([category, names]) => (names ?? []).map((cell) => `${category}: ${cell}`))
      .filter((cell) => cellDefinition(cell)?.ownerOnly !== true)
      .sort();
  return [
    ...differs('cells', !sameValue(cells(there.capabilities), cells(fields.capabilities))),
    ...differs('scope', !sameValue(canonicalScope(there.projectScope), canonicalScope(fields.projectScope))),
    ...differs('description', there.description !== fields.description),
  ];
}

function projectDifferences(
  { source, name, description, secrets }: DesiredProject,
  state: OrganizationState,
) {
  const differs = difference(source, name);
  const there = state.projects.find((project) => project.name === name);
  if (there === undefined) return differs('absent', true);
  const has = (secret: string): boolean =>
    state.secrets.some((one) => one.project === name && one.name === secret);
  return [
    ...differs('description', there.description !== description),
    ...secrets.flatMap((secret) =>
      differs(`secret ${secret.name}`, !has(secret.name), secret.generator === null),
    ),
  ];
}

function memberDifferences(
  { source, email, member, grants }: DesiredMember,
  desired: Desired,
  state: OrganizationState,
  now: number,
): Difference[] {
  const differs = difference(source, email);
  if (email === state.owner) return differs('the owner', true);
  if (desired.members.filter((other) => other.email === email).length > 1) return differs('twice', true);
  const there = state.members.find((one) => one.email === email);
  // M5: a line that has ended gives nothing back, and takes nothing that others gave.
  const isOver = isPast(member.expiresAt, now);
  if (there === undefined) return differs('absent', member.state !== 'Suspended' && !isOver);
  if (isOver) return [];
  const { invite } = there;
  const isOut = invite !== null && invite.expiresAt > now;
  return [
    ...differs('not joined', there.state === 'Invited', isOut && member.state === 'Active'),
    ...differs('awaited', there.awaits !== undefined, true),
    ...differs(
      'state',
      there.state !== 'Invited' && (there.state === 'Suspended') !== (member.state === 'Suspended'),
    ),
    ...differs('role', there.role !== member.role),
    ...differs('end', there.expiresAt !== member.expiresAt),
    ...(isPast(member.templateExpiresAt, now) ? [] : differs('template', !holdsTemplate(there, member))),
    ...grants.flatMap((grant) => differs(`grant ${grant.project}`, !has(there.grants, grant, now))),
  ];
}

function grantDifferences(
  { source, name, grants }: DesiredProject,
  desired: Desired,
  state: OrganizationState,
  now: number,
): Difference[] {
  const nobodyInvited = notInvited(desired, now);
  return grants.flatMap(({ member: email, ...terms }) => {
    if (email === state.owner) return [];
    const there = state.members.find((one) => one.email === email);
    if (there === undefined && nobodyInvited.has(email)) return [];
    if (isPast(terms.expiresAt, now)) return [];
    const isGranted = there !== undefined && has(there.grants, { project: name, ...terms }, now);
    return difference(source, email)(`grant ${name}`, !isGranted);
  });
}

/** Nobody is invited only to be suspended, or after their end. */
function notInvited({ members }: Desired, now: number): ReadonlySet<string> {
  const not = members.filter(({ member }) => member.state === 'Suspended' || isPast(member.expiresAt, now));
  return new Set(not.map(({ email }) => email));
}

function groupDifferences(
  { source, name, fields: { group, members, ends = [], grants } }: DesiredGroup,
  desired: Desired,
  state: OrganizationState,
  now: number,
): Difference[] {
  const differs = difference(source, name);
  const nobodyInvited = notInvited(desired, now);
  const there = state.groups.find((one) => one.name === name);
  if (there === undefined) return differs('absent', true);
  return [
    ...differs('description', group !== null && there.description !== group.description),
    // Told at the group, or once at the person that it waits for.
    ...members
      .filter((email) => !nobodyInvited.has(email) && !isPast(endIn(ends, email), now))
      .flatMap((email) => {
        const until = endIn(ends, email) ?? Number.POSITIVE_INFINITY;
        const isListed =
          there.members.includes(email) && (endIn(there.ends, email) ?? Number.POSITIVE_INFINITY) >= until;
        return difference(source, email)(`member of ${name}`, !isListed);
      }),
    ...grants.flatMap((grant) => differs(`grant ${grant.project}`, !has(there.grants, grant, now))),
  ];
}

function endIn(ends: readonly MembershipEnd[] | undefined, email: string): number | undefined {
  return ends?.find(({ member }) => member === email)?.expiresAt;
}

function groupGrantDifferences(
  { source, name, groupGrants }: DesiredProject,
  state: OrganizationState,
  now: number,
): Difference[] {
  return groupGrants.flatMap(({ group, ...terms }) => {
    if (isPast(terms.expiresAt, now)) return [];
    const there = state.groups.find((one) => one.name === group);
    const isGranted = there !== undefined && has(there.grants, { project: name, ...terms }, now);
    return difference(source, group)(`grant ${name}`, !isGranted);
  });
}

function machineDifferences(
  { source, machineName, fields, suspended, key }: DesiredMachine,
  desired: Desired,
  state: OrganizationState,
): Difference[] {
  if (suspended) return [];
  const differs = difference(source, machineName);
  const there = state.machines.find(({ name }) => name === machineName);
  const granted = new Set(
    (there?.access ?? []).flatMap(({ project, secrets }) => [
      project,
      ...secrets.map((one) => `${project}/${one}`),
    ]),
  );
  const wanted = fields.access.flatMap(({ project, secrets }) => [
    project,
    ...secrets.map((secret) => `${project}/${secret}`),
  ]);
  const toSet = new Set(
    desired.projects.flatMap(({ name, secrets }) =>
      secrets.filter(({ generator }) => generator === null).map((secret) => `${name}/${secret.name}`),
    ),
  );
  const exists = new Set([
    ...state.projects.map(({ name }) => name),
    ...state.secrets.map(({ project, name }) => `${project}/${name}`),
  ]);
  const waitsForKey = there === undefined && key === null;
  return [
    ...differs('absent', there === undefined, waitsForKey),
    ...differs('disabled', there?.enabled === false),
    ...differs(
      'key',
      there !== undefined &&
        key !== null &&
        !there.keys.some(({ fingerprint }) => fingerprint === key.fingerprint),
    ),
    ...wanted.flatMap((item) =>
      differs(`access ${item}`, !granted.has(item), exists.has(item) ? waitsForKey : toSet.has(item)),
    ),
    ...[...granted].flatMap((item) => differs(`beyond ${item}`, !wanted.includes(item), true)),
  ];
}

/** With its end, and the scope that narrows it. */
function holdsTemplate(there: MemberAccess, declared: DesiredMember['member']): boolean {
  return (
    there.template === declared.template &&
    there.templateExpiresAt === declared.templateExpiresAt &&
    sameValue(sortedScope(there.projectScope), sortedScope(declared.projectScope))
  );
}

/** Whether the project is granted, as much and as long, or more by now; what has ended asks for nothing. */
function has(grants: readonly Grant[], { project, access, expiresAt }: Grant, now: number): boolean {
  if (isPast(expiresAt, now)) return true;
  const until = expiresAt ?? Number.POSITIVE_INFINITY;
  return grants.some(
    (grant) =>
      grant.project === project &&
      !isPast(grant.expiresAt, now) &&
      (LEVEL[grant.access] > LEVEL[access] ||
        (grant.access === access && (grant.expiresAt ?? Number.POSITIVE_INFINITY) >= until)),
  );
}

function isPast(end: number | undefined, now: number): boolean {
  return end !== undefined && end <= now;
}

function sortedScope(scope: DesiredMember['member']['projectScope']) {
  return scope === null ? null : canonicalScope(scope);
}
