/**
 * What people do with groups (G1, G2, O4). Each act writes its audit entry (A2); what is taken leaves a tombstone, and
 * what is given back answers that much (rail 7).
 *
 * Decides G2: what people do with groups.
 */
import { ending, endsLater } from '#model/ends.ts';
import { membershipsOf } from '#model/listing.ts';
import { type GrantTerms, normalizeEmail } from '#model/organization.ts';
import type { Act } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import { checkRenamable, managerOf } from '../managed/records.ts';
import { clearItemTombstones, clearTombstones, recordTombstone } from '../managed/tombstones.ts';
import { projectNamed } from '../projects/projects.ts';
import {
  addToGroup,
  contentOf,
  createGroup,
  deleteGroup,
  describeGroup,
  duplicateGroup,
  grantOfGroup,
  groupNamed,
  removeFromGroup,
  renameGroup,
  setGroupGrant,
} from './groups.ts';

const subject = (key: string) => ({ kind: 'Group', key }) as const;

/** Throws DomainError `NameTaken`, `QuotaReached`. */
export async function createGroupByPerson(act: Act, name: string, description: string): Promise<void> {
  const { id } = await createGroup(act, name, description);
  await act.audit({ action: 'group.created', subject: subject(name), details: { id, description } });
  await clearTombstones(act, subject(name), ['GroupDeleted']);
}

/** Its name, and what it is for. Throws DomainError `NotFound`, `NameTaken`, `Foreign` where Git declares the name. */
export async function editGroupByPerson(
  act: Act,
  name: string,
  edit: { readonly name?: string | undefined; readonly description?: string | undefined },
): Promise<void> {
  const group = await groupNamed(act, name);
  const { description = group.description, name: next = name } = edit;
  if (description !== group.description) {
    await describeGroup(act, group, description);
    const details = { before: group.description, description };
    await act.audit({ action: 'group.described', subject: subject(name), details });
  }
  if (next === name) return;
  await checkRenamable(act, subject(name));
  await renameGroup(act, group, next);
  const details = { id: group.id, before: name };
  await act.audit({ action: 'group.renamed', subject: subject(next), details });
}

/** Throws DomainError `NotFound`, `NameTaken`, `QuotaReached`. */
export async function duplicateGroupByPerson(act: Act, name: string, copy: string): Promise<void> {
  const group = await groupNamed(act, name);
  await duplicateGroup(act, group, copy);
  const { members, grants } = await contentOf(act, group);
  const details = { of: name, members: members.length, grants: grants.map((grant) => ({ ...grant })) };
  await act.audit({ action: 'group.duplicated', subject: subject(copy), details });
}

/** The access that it gave is gone with it. Throws DomainError `NotFound`. */
export async function deleteGroupByPerson(act: Act, name: string): Promise<void> {
  const group = await groupNamed(act, name);
  const { members, grants } = await contentOf(act, group);
  await deleteGroup(act, group);
  const details = { id: group.id, members: members.length, grants: grants.map((grant) => ({ ...grant })) };
  const entry = await act.audit({ action: 'group.deleted', subject: subject(name), details });
  // One that nobody manages is gone without a trace but the audit entry (decision 0015).
  if ((await managerOf(act, subject(name))) === null) return;
  await recordTombstone(act, entry, { ...subject(name), act: 'GroupDeleted', item: null });
}

/** Invitees may be listed before they join; who is listed to another end is listed to this one (M5). Throws DomainError `NotFound`, `QuotaReached`; all are listed, or none. */
export async function addMembersByPerson(
  act: Act,
  name: string,
  addresses: readonly string[],
  expiresAt?: number,
): Promise<void> {
  const group = await groupNamed(act, name);
  const before = membershipsOf(await contentOf(act, group));
  const added = await addToGroup(act, group, [...new Set(addresses.map(normalizeEmail))], expiresAt);
  if (added.length === 0) return;
  const details = { members: added, ...ending(expiresAt) };
  const entry = await act.audit({ action: 'group.members-added', subject: subject(name), details });
  const revocation = { ...subject(name), act: 'MembershipRemoved' } as const;
  for (const email of added) {
    const had = before.get(email);
    if (had === undefined || !endsLater(had.expiresAt, expiresAt)) continue;
    await recordTombstone(act, entry, { ...revocation, item: email });
  }
  // For a time may be less than what was taken.
  if (expiresAt === undefined) await clearItemTombstones(act, revocation, added);
}

/** Throws DomainError `NotFound`. */
export async function removeMemberByPerson(act: Act, name: string, address: string): Promise<void> {
  const email = normalizeEmail(address);
  const group = await groupNamed(act, name);
  await removeFromGroup(act, group, email);
  const details = { member: email };
  const entry = await act.audit({ action: 'group.member-removed', subject: subject(name), details });
  await recordTombstone(act, entry, { ...subject(name), act: 'MembershipRemoved', item: email });
}

/** Throws DomainError `NotFound`, `QuotaReached`. */
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
  const entry = await act.audit({ action: 'group.grant-set', subject: subject(name), details });
  const revocation = { ...subject(name), act: 'GrantRemoved' } as const;
  const isLess =
    before !== null &&
    ((before.access === 'Write' && terms.access === 'Read') || endsLater(before.expiresAt, terms.expiresAt));
  if (isLess) await recordTombstone(act, entry, { ...revocation, item: project });
  // Read, or for a time, may be less than what was taken.
  else if (terms.access === 'Write' && terms.expiresAt === undefined)
    await clearItemTombstones(act, revocation, [project]);
}

/** Throws DomainError `NotFound`. */
export async function takeFromGroupByPerson(act: Act, name: string, project: string): Promise<void> {
  const group = await groupNamed(act, name);
  const { id } = await projectNamed(act, project);
  const before = await grantOfGroup(act, group, id);
  if (before === null) throw refuse('NotFound', `${name} has no grant in ${project}.`);
  await setGroupGrant(act, group, id, null);
  const details = { project, before: before.access };
  const entry = await act.audit({ action: 'group.grant-removed', subject: subject(name), details });
  await recordTombstone(act, entry, { ...subject(name), act: 'GrantRemoved', item: project });
}
