/**
 * Rail 11: what is in the vault and was never ours is reported in one line a kind, and left as it is; a group by itself,
 * with who has what by it beyond Git.
 *
 * Decides rail 11: that what was never ours is reported and left.
 */
import { normalizeEmail, type OrganizationState, type Project } from '#model/organization.ts';
import type { Context } from './context.ts';
import type { Finding, ForeignKind, Source } from './plan-types.ts';
import { listed, sortedTexts } from './sorted.ts';

/** Natural keys of a kind in the vault that no object declares which counts, and no manager has a record of, sorted. */
export function foreignKeys(context: Context, kind: ForeignKind): readonly string[] {
  const declared = context.declared()[kind];
  return sortedTexts(
    thereOf(context, kind).filter((key) => !declared.has(key) && context.record(kind, key) === undefined),
  );
}

/** But for the owner, and for what the vault itself made and nobody uses. */
function thereOf({ observed, owner }: Context, kind: ForeignKind): string[] {
  switch (kind) {
    case 'Member':
      return observed.members.map(({ email }) => normalizeEmail(email)).filter((email) => email !== owner);
    case 'Group':
      return observed.groups
        .filter(({ members, grants }) => members.length > 0 && grants.length > 0)
        .map(({ name }) => name);
    case 'PermissionTemplate':
      return observed.templates.map(({ name }) => name);
    case 'Project':
      return observed.projects.filter((one) => !isUnusedMain(one, observed)).map(({ name }) => name);
    case 'MachineBinding':
      return observed.machines.map(({ name }) => name);
  }
}

const WORDS = {
  Member: 'member',
  PermissionTemplate: 'permission template',
  Project: 'project',
  MachineBinding: 'machine',
} as const;

/** `taken`: what the plan takes away, as `Kind/key`. */
export function foreignFindings(context: Context, taken: ReadonlySet<string>): Finding[] {
  const { desired, observed } = context;
  return (Object.keys(WORDS) as (keyof typeof WORDS)[]).flatMap((kind) => {
    const word = WORDS[kind];
    const foreign = foreignKeys(context, kind).filter((key) => !taken.has(`${kind}/${key}`));
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
