/**
 * What people change of a member's access (T1, T4, G1, O4, M5): role, template, scope, direct grants, ends. It acts on the
 * member's next request; what is less than before leaves a tombstone (rail 7), what is given back answers that much.
 *
 * Decides T1: that a member holds one template, and what becomes of the scope.
 */
import { widens } from '#model/access.ts';
import { consequence } from '#model/consequence.ts';
import { type Ending, ending, endsLater } from '#model/ends.ts';
import { accessJson, byProject } from '#model/member-access.ts';
import {
  type GrantTerms,
  type MemberAccess,
  normalizeEmail,
  type OrganizationState,
  type ProjectScope,
  type Role,
} from '#model/organization.ts';
import type { Json } from '#model/record.ts';
import type { AuditAction } from '../act/audit-actions.ts';
import type { Act } from '../act/context.ts';
import type { MemberWithAccess } from '../authorization/member-access.ts';
import { refuse } from '../common/domain-error.ts';
import { clearItemTombstones, clearTombstones, isRevoked, recordTombstone } from '../managed/tombstones.ts';
import { projectNamed } from '../projects/projects.ts';
import { answerScope, buryScope } from '../projects/scope-revocations.ts';
import { templateNamed } from '../templates/templates.ts';
import { requireTier } from '../tiers/lapse.ts';
import { checkFloor, checkNotOwner, checkNotRequired, memberNamed, setAccess } from './members.ts';

/** O4. Throws DomainError `NotFound`, `Floor` for the owner (O3) and for who must stay an admin (rail 3). */
export async function setRoleByPerson(
  act: Act,
  address: string,
  role: Exclude<Role, 'Owner'>,
): Promise<void> {
  const member = await otherMember(act, address);
  const before = member.access.role;
  if (before === role) return;
  const { email } = member.row;
  if (role === 'Member') checkNotRequired(act, email);
  const entry = await change(act, member, 'member.role-set', { ...member.access, role }, { before, role });
  const subject = subjectOf(member);
  if (role === 'Admin') await clearTombstones(act, subject, ['RoleLowered']);
  else await recordTombstone(act, entry, { ...subject, act: 'RoleLowered', item: null });
}

/**
 * T1: at most one template a member; null takes it away. The member's own scope goes with the template before,
 * and stays with one that stays; another may be given. Throws DomainError `NotFound`, `Floor`, `TemplateArchived`.
 */
export async function setTemplateByPerson(
  act: Act,
  address: string,
  {
    template,
    projectScope: ownScope,
    expiresAt,
  }: Ending & { readonly template: string | null; readonly projectScope?: ProjectScope | null | undefined },
): Promise<void> {
  const member = await otherMember(act, address);
  const { templateExpiresAt: endBefore, ...access } = member.access;
  const projectScope = ownScope ?? (access.template === template ? access.projectScope : null);
  const after = {
    ...access,
    template,
    ...(template === null || expiresAt === undefined ? {} : { templateExpiresAt: expiresAt }),
    projectScope: template === null ? null : projectScope,
  };
  const isSame = access.template === template && endBefore === after.templateExpiresAt;
  if (isSame && sameScope(access.projectScope, after.projectScope)) return;
  const isLess = template === null || (await losesCells(act, member.access, after));
  const entry = await change(act, member, 'member.template-set', after, {
    before: {
      template: access.template,
      ...ending(endBefore),
      projectScope: accessJson(access).projectScope,
    },
    after: { template, ...ending(after.templateExpiresAt), projectScope: accessJson(after).projectScope },
  });
  const subject = subjectOf(member);
  const scope = {
    before: access.template === null ? [] : access.projectScope,
    after: after.projectScope,
  };
  if (access.template === template) {
    await answerScope(act, subject, scope);
    await buryScope(act, entry, subject, scope);
    const taken = { ...subject, act: 'TemplateTaken' } as const;
    if (endsLater(endBefore, after.templateExpiresAt)) {
      await recordTombstone(act, entry, { ...taken, item: template });
    } else if (template !== null && after.templateExpiresAt === undefined) {
      await clearItemTombstones(act, taken, [template]);
    }
    return;
  }
  // Where the scope had been narrowed, the new one is held against less than there was.
  const isTaken = access.template !== null && (isLess || (await isRevoked(act, subject, 'ScopeNarrowed')));
  if (template !== null) {
    await clearItemTombstones(act, { ...subject, act: 'TemplateTaken' }, [template]);
    await answerScope(act, subject, scope);
  }
  if (isTaken) await recordTombstone(act, entry, { ...subject, act: 'TemplateTaken', item: access.template });
}

/** T1: narrows the template's scope for this member; null: the template's own. Throws DomainError `NotFound`, `Floor`. */
export async function setScopeByPerson(
  act: Act,
  address: string,
  projectScope: ProjectScope | null,
): Promise<void> {
  const member = await otherMember(act, address);
  const before = member.access.projectScope;
  if (sameScope(before, projectScope)) return;
  const after = { ...member.access, projectScope };
  const entry = await change(act, member, 'member.scope-set', after, {
    before: accessJson(member.access).projectScope,
    projectScope: accessJson(after).projectScope,
  });
  const subject = subjectOf(member);
  await answerScope(act, subject, { before, after: projectScope });
  await buryScope(act, entry, subject, { before, after: projectScope });
}

/**
 * M5: when the membership ends; undefined: it does not. Throws DomainError `NotFound`, `Floor` for the owner, a required
 * admin and the last approver (rail 3), and `PlanLapsed` where it would last longer.
 */
export async function setEndByPerson(
  act: Act,
  address: string,
  expiresAt: number | undefined,
): Promise<void> {
  const member = await otherMember(act, address);
  const { expiresAt: before, ...access } = member.access;
  if (before === expiresAt) return;
  const after = { ...access, ...ending(expiresAt) };
  const { email } = member.row;
  await checkFloor(act, { kind: 'SetMemberAccess', key: email, before: member.access, after });
  const isLess = endsLater(before, expiresAt);
  if (!isLess) requireTier(act);
  const entry = await change(act, member, 'member.end-set', after, {
    before: before ?? null,
    expiresAt: expiresAt ?? null,
  });
  const subject = subjectOf(member);
  if (isLess) await recordTombstone(act, entry, { ...subject, act: 'EndShortened', item: null });
  // A later end may be less than what was taken.
  else if (expiresAt === undefined) await clearTombstones(act, subject, ['EndShortened']);
}

/** G1. Throws DomainError `NotFound`, `Floor`. */
export async function setGrantByPerson(
  act: Act,
  address: string,
  project: string,
  terms: GrantTerms,
): Promise<void> {
  const member = await otherMember(act, address);
  await projectNamed(act, project);
  const before = member.access.grants.find((grant) => grant.project === project);
  const { access, expiresAt } = terms;
  if (before?.access === access && before.expiresAt === expiresAt) return;
  const others = member.access.grants.filter((grant) => grant.project !== project);
  const grants = byProject([...others, { project, ...terms }]);
  const entry = await change(
    act,
    member,
    'member.grant-set',
    { ...member.access, grants },
    {
      project,
      before: before?.access ?? null,
      ...(before?.expiresAt === undefined ? {} : { endBefore: before.expiresAt }),
      ...terms,
    },
  );
  const revocation = { ...subjectOf(member), act: 'GrantRemoved' } as const;
  const isLess =
    before !== undefined &&
    ((before.access === 'Write' && access === 'Read') || endsLater(before.expiresAt, expiresAt));
  if (isLess) await recordTombstone(act, entry, { ...revocation, item: project });
  // Read may be less than what was taken, and so may what ends.
  else if (access === 'Write' && expiresAt === undefined) {
    await clearItemTombstones(act, revocation, [project]);
  }
}

/** G1. Throws DomainError `NotFound`, `Floor`. */
export async function removeGrantByPerson(act: Act, address: string, project: string): Promise<void> {
  const member = await otherMember(act, address);
  const { access } = member;
  const grants = access.grants.filter((grant) => grant.project !== project);
  if (grants.length === access.grants.length) {
    throw refuse('NotFound', `${member.row.email} has no grant in ${project}.`);
  }
  const entry = await change(act, member, 'member.grant-removed', { ...access, grants }, { project });
  await recordTombstone(act, entry, { ...subjectOf(member), act: 'GrantRemoved', item: project });
}

async function change(
  act: Act,
  member: MemberWithAccess,
  action: AuditAction,
  access: MemberAccess,
  details: { readonly [key: string]: Json },
): Promise<string> {
  await setAccess(act, member.row, access);
  return act.audit({ action, subject: subjectOf(member), details });
}

/** By the template and the role alone: a group that gives the same now may not do so tomorrow. */
async function losesCells(act: Act, before: MemberAccess, after: MemberAccess): Promise<boolean> {
  const names = new Set([before.template, after.template]);
  const templates = await Promise.all(
    [...names].flatMap((name) => (name === null ? [] : [templateNamed(act, name)])),
  );
  const state = { members: [], groups: [], machines: [], templates } as unknown as OrganizationState;
  const action = { kind: 'SetMemberAccess', key: '', before, after } as const;
  return consequence(state, action, act.now).changes.some(({ lost }) => lost.length > 0);
}

/** A member that is not the owner, who has everything (O3). */
async function otherMember(act: Act, address: string): Promise<MemberWithAccess> {
  const member = await memberNamed(act, normalizeEmail(address));
  checkNotOwner(member.row.email, member.row.role);
  return member;
}

function subjectOf({ row }: MemberWithAccess) {
  return { kind: 'Member', key: row.email } as const;
}

function sameScope(a: ProjectScope | null, b: ProjectScope | null): boolean {
  return !widens(a, b) && !widens(b, a);
}
