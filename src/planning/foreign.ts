/**
 * Rail 11: what is in the vault and was never ours is reported in one line a kind, and left as it is; a group by itself,
 * with who has what by it beyond Git.
 *
 * Decides rail 11: that what was never ours is reported and left.
 */
import { normalizeEmail, type OrganizationState, type Project } from '#model/organization.ts';
import type { ManagedKind } from '#model/record.ts';
import type { Context } from './context.ts';
import type { Finding, Source } from './plan-types.ts';
import { listed, sortedTexts } from './sorted.ts';

export function foreignFindings(context: Context): Finding[] {
  const { desired, observed } = context;
  const declared = {
    Member: new Set([
      context.owner,
      ...desired.members.map(({ email }) => normalizeEmail(email)),
      ...desired.projects.flatMap(({ grants }) => grants.map(({ member }) => normalizeEmail(member))),
    ]),
    PermissionTemplate: new Set(desired.templates.map(({ name }) => name)),
    Project: new Set(desired.projects.map(({ name }) => name)),
    MachineBinding: new Set(desired.machines.map(({ machineName }) => machineName)),
  };
  const there: readonly [keyof typeof declared, string, readonly string[]][] = [
    ['Member', 'member', observed.members.map(({ email }) => normalizeEmail(email))],
    ['PermissionTemplate', 'permission template', observed.templates.map(({ name }) => name)],
    [
      'Project',
      'project',
      observed.projects.filter((one) => !isUnusedMain(one, observed)).map(({ name }) => name),
    ],
    ['MachineBinding', 'machine', observed.machines.map(({ name }) => name)],
  ];
  return there.flatMap(([kind, word, keys]) => {
    const foreign = sortedTexts(
      keys.filter(
        (key) =>
          !declared[kind].has(key) &&
          context.record(kind as ManagedKind, key) === undefined &&
          !context.incomplete(kind, key),
      ),
    );
    if (foreign.length === 0) return [];
    return [
      {
        subject: { kind: 'Organization', key: observed.vaultId },
        source: desired.organization.source,
        reason: 'Foreign',
        severity: 'Info',
        keys: foreign,
        message: `${foreign.length} ${word}${foreign.length === 1 ? '' : 's'} not declared, and left alone: ${listed(foreign)}.`,
        next: 'Declare them to manage them from here.',
      } as const,
    ];
  });
}

/** P1: the project that an organization is made with is nobody's drift while it holds nothing and gives nothing. */
function isUnusedMain(project: Project, { secrets, members, groups, machines }: OrganizationState): boolean {
  if (project.name !== 'Main' || project.description !== '') return false;
  const users = [...members.flatMap(({ grants }) => grants), ...groups.flatMap(({ grants }) => grants)];
  return [...secrets, ...users, ...machines.flatMap(({ access }) => access)].every(
    (item) => item.project !== project.name,
  );
}

/** What others gave in the vault to one member or machine, by names. */
export function foreignGrants(
  subject: Finding['subject'],
  source: Source | null,
  names: readonly string[],
): Finding[] {
  if (names.length === 0) return [];
  return [
    {
      subject,
      source,
      reason: 'Foreign',
      severity: 'Info',
      keys: names,
      message: `Granted to ${subject.key} in the vault beyond Git, and kept: ${listed(names)}.`,
      next: 'Declare them, or take them away in the vault.',
    },
  ];
}
