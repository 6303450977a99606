/**
 * What people do with groups (G1, G2, O4). Each act writes its audit entry (A2).
 *
 * Decides G2: what people do with groups.
 */
import { ending } from '#model/ends.ts';
import { type GrantTerms, normalizeEmail } from '#model/organization.ts';
import type { Act } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import { projectNamed } from '../projects/projects.ts';
import {
  addToGroup,
  contentOf,
  createGroup,
  deleteGroup,
  duplicateGroup,
  grantOfGroup,
  groupNamed,
  removeFromGroup,
  renameGroup,
  setGroupGrant,
} from './groups.ts';

const subject = (key: string) => ({ kind: 'Group', key }) as const;

/** Throws DomainError `NameTaken`, `QuotaReached`. */
export async function createGroupByPerson(act: Act, name: string): Promise<void> {
  const { id } = await createGroup(act, name);
  await act.audit({ action: 'group.created', subject: subject(name), details: { id } });
}

/** Throws DomainError `NotFound`, `NameTaken`. */
export async function renameGroupByPerson(act: Act, name: string, next: string): Promise<void> {
  const group = await groupNamed(act, name);
  if (next === name) return;
  await renameGroup(act, group, next);
  const details = { id: group.id, before: name };
  await act.audit({ action: 'group.renamed', subject: subject(next), details });
}

/** Throws DomainError `NotFound`, `NameTaken`, `QuotaReached`. */
export async function duplicateGroupByPerson(act: Act, name: string, copy: string): Promise<void> {
  const group = await groupNamed(act, name);
  await duplicateGroup(act, group, copy);
  const { members, grants } = await contentOf(act, group);
  const details = { of: name, members, grants: grants.map((grant) => ({ ...grant })) };
  await act.audit({ action: 'group.duplicated', subject: subject(copy), details });
}

/** The access that it gave is gone with it. Throws DomainError `NotFound`. */
export async function deleteGroupByPerson(act: Act, name: string): Promise<void> {
  const group = await groupNamed(act, name);
  const { members, grants } = await contentOf(act, group);
  await deleteGroup(act, group);
  const details = { id: group.id, members, grants: grants.map((grant) => ({ ...grant })) };
  await act.audit({ action: 'group.deleted', subject: subject(name), details });
}

/** Invitees may be listed before they join; who is listed to another end is listed to this one (M5). Throws DomainError `NotFound`; all are listed, or none. */
export async function addMembersByPerson(
  act: Act,
  name: string,
  addresses: readonly string[],
  expiresAt?: number,
): Promise<void> {
  const group = await groupNamed(act, name);
  const added = await addToGroup(act, group, [...new Set(addresses.map(normalizeEmail))], expiresAt);
  if (added.length === 0) return;
  const details = { members: added, ...ending(expiresAt) };
  await act.audit({ action: 'group.members-added', subject: subject(name), details });
}

/** Throws DomainError `NotFound`. */
export async function removeMemberByPerson(act: Act, name: string, address: string): Promise<void> {
  const email = normalizeEmail(address);
  const group = await groupNamed(act, name);
  await removeFromGroup(act, group, email);
  await act.audit({ action: 'group.member-removed', subject: subject(name), details: { member: email } });
}

/** Throws DomainError `NotFound`. */
export async function grantToGroupByPerson(
  act: Act,
  name: string,
  project: string,
  terms: GrantTerms,
): Promise<void> {
  const group = await groupNamed(act, name);
  const { id } = await projectNamed(act, project);
  const before = await grantOfGroup(act, group, id);
  if (before?.access === terms.access && before.expiresAt === terms.expiresAt) return;
  await setGroupGrant(act, group, id, terms);
  const details = {
    project,
    before: before?.access ?? null,
    ...(before?.expiresAt === undefined ? {} : { endBefore: before.expiresAt }),
    ...terms,
  };
  await act.audit({ action: 'group.grant-set', subject: subject(name), details });
}

/** Throws DomainError `NotFound`. */
export async function takeFromGroupByPerson(act: Act, name: string, project: string): Promise<void> {
  const group = await groupNamed(act, name);
  const { id } = await projectNamed(act, project);
  const before = await grantOfGroup(act, group, id);
  if (before === null) throw refuse('NotFound', `${name} has no grant in ${project}.`);
  await setGroupGrant(act, group, id, null);
  const details = { project, before: before.access };
  await act.audit({ action: 'group.grant-removed', subject: subject(name), details });
}
