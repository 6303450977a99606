/** The first field that differs, for people. */
import { endText } from '#model/ends.ts';
import type { TemplateFields } from '#model/fields.ts';
import { listedOtherwise, membershipsOf } from '#model/listing.ts';
import { ACCESS_FIELDS } from '#model/member-access.ts';
import type { Grant, GroupContent, MachineProject, MemberAccess, ProjectScope } from '#model/organization.ts';
import { sameValue } from '#model/same.ts';
import { grantText, isSameGrant } from './grant-terms.ts';
import { listed } from './sorted.ts';

function scopeText(scope: ProjectScope | null): string {
  if (scope === null) return 'as the template';
  return scope === 'All' ? 'all projects' : scope.length === 0 ? 'no project' : listed(scope, 3);
}

/** Empty: none does. */
export function whyAccess(before: MemberAccess, after: MemberAccess): string {
  const differs = ACCESS_FIELDS.find((field) => !sameValue(before[field], after[field]));
  if (differs === undefined) return '';
  const words = WORDS[differs] as (before: unknown, after: unknown) => string;
  return words(before[differs], after[differs]);
}

const WORDS: {
  readonly [Field in keyof MemberAccess]-?: (
    before: MemberAccess[Field],
    after: MemberAccess[Field],
  ) => string;
} = {
  expiresAt: (before, after) => `end of the membership: ${endText(before)} -> ${endText(after)}`,
  role: (before, after) => `role: ${before} -> ${after}`,
  template: (before, after) => `template: ${before ?? 'none'} -> ${after ?? 'none'}`,
  templateExpiresAt: (before, after) => `end of the template: ${endText(before)} -> ${endText(after)}`,
  projectScope: (before, after) => `project scope: ${scopeText(before)} -> ${scopeText(after)}`,
  grants: (before, after) => `grants: ${grantsText(before, after)}`,
};

function grantsText(before: readonly Grant[], after: readonly Grant[]): string {
  const changes: string[] = [];
  for (const { project, ...terms } of after) {
    const had = before.find((grant) => grant.project === project);
    if (had === undefined) changes.push(`+${project} ${grantText(terms)}`);
    else if (!isSameGrant(had, terms)) changes.push(`${project} ${grantText(had)} -> ${grantText(terms)}`);
  }
  for (const { project } of before) {
    if (!after.some((grant) => grant.project === project)) changes.push(`-${project}`);
  }
  return listed(changes, 4);
}

export function whyGroup(before: GroupContent, after: GroupContent): string {
  const [had, has] = [membershipsOf(before), membershipsOf(after)];
  const changes = [
    ...listedOtherwise(has, had).map(([email, { expiresAt }]) => {
      const membership = had.get(email);
      if (membership === undefined)
        return `+${email}${expiresAt === undefined ? '' : ` until ${endText(expiresAt)}`}`;
      return `${email} until ${endText(membership.expiresAt)} -> ${endText(expiresAt)}`;
    }),
    ...before.members.filter((email) => !has.has(email)).map((email) => `-${email}`),
  ];
  // All of them: whoever is listed gets what is granted in the same step.
  return [
    changes.length === 0 ? [] : `members: ${listed(changes, 4)}`,
    sameValue(before.grants, after.grants) ? [] : `grants: ${grantsText(before.grants, after.grants)}`,
    before.description === after.description ? [] : 'description differs',
  ]
    .flat()
    .join('; ');
}

export function whyTemplate(before: TemplateFields, after: TemplateFields): string {
  if (before.description !== after.description) return 'description differs';
  if (!sameValue(before.projectScope, after.projectScope)) {
    return `project scope: ${scopeText(before.projectScope)} -> ${scopeText(after.projectScope)}`;
  }
  const had = cellsText(before);
  const has = cellsText(after);
  const changes = [
    ...has.filter((cell) => !had.includes(cell)).map((cell) => `+${cell}`),
    ...had.filter((cell) => !has.includes(cell)).map((cell) => `-${cell}`),
  ];
  return `cells: ${listed(changes, 4)}`;
}

function cellsText(fields: TemplateFields): string[] {
  return Object.entries(fields.capabilities).flatMap(([category, cells]) =>
    (cells ?? []).map((cell) => `${category}: ${cell}`),
  );
}

export function whyMachine(before: readonly MachineProject[], after: readonly MachineProject[]): string {
  const had = machineItems(before);
  const has = machineItems(after);
  const changes = [
    ...has.filter((item) => !had.includes(item)).map((item) => `+${item}`),
    ...had.filter((item) => !has.includes(item)).map((item) => `-${item}`),
  ];
  return `grants: ${listed(changes, 4)}`;
}

function machineItems(access: readonly MachineProject[]): string[] {
  return access.flatMap(({ project, secrets }) => [
    project,
    ...secrets.map((secret) => `${project}/${secret}`),
  ]);
}
