/** One person: what is declared about them, and the forms in which access is compared. */
import type { MemberFields } from '#model/fields.ts';
import type { Grant, GrantAccess, MemberAccess, ProjectScope } from '#model/organization.ts';
import { byProject, greater } from './grants.ts';
import type { DesiredMember, Source } from './plan-types.ts';
import type { ProjectOutlook } from './projects.ts';
import { canonicalScope, type TemplateOutlook } from './templates.ts';

/** What is declared about one e-mail. */
export interface DeclaredPerson {
  readonly email: string;
  readonly member: DesiredMember | null;
  /** Grants by Project objects alone. */
  readonly projectGrants: ReadonlyMap<string, GrantAccess>;
  /** The object that speaks for the person: the Member, else the first Project that grants something. */
  readonly source: Source | null;
}

export interface Outlooks {
  readonly projects: ProjectOutlook;
  readonly templates: TemplateOutlook;
}

type Fields = NonNullable<MemberFields['member']>;

export function mergedGrants(
  grants: readonly Grant[],
  projectGrants: ReadonlyMap<string, GrantAccess>,
): Map<string, GrantAccess> {
  const merged = new Map(projectGrants);
  for (const { project, access } of grants) {
    merged.set(project, greater(access, merged.get(project) ?? access));
  }
  return merged;
}

export function accessOf({ role, template, projectScope, grants }: MemberAccess): MemberAccess {
  return { role, template, projectScope, grants };
}

export function fieldsAccess({ role, template, projectScope }: Fields): Omit<MemberAccess, 'grants'> {
  return { role, template, projectScope: canonicalOwnScope(projectScope) };
}

/** Narrowing to all projects narrows nothing (T1). */
function canonicalOwnScope(scope: ProjectScope | null): ProjectScope | null {
  return scope === null || scope === 'All' ? null : canonicalScope(scope);
}

export function canonicalAccess(access: MemberAccess): MemberAccess {
  return {
    role: access.role,
    template: access.template,
    projectScope: canonicalOwnScope(access.projectScope),
    grants: byProject(access.grants),
  };
}

/** What the record says; `fields` where rail 7 keeps some as they are. */
export function memberApplied(
  member: DesiredMember | null,
  grants: readonly Grant[],
  fields?: Omit<MemberAccess, 'grants'>,
): MemberFields {
  if (member === null) return { member: null, grants };
  const { role, template, projectScope } = fields ?? fieldsAccess(member.member);
  return {
    member: { role: role as Fields['role'], template, projectScope, state: member.member.state },
    grants,
  };
}
