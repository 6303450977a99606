/**
 * All that decides what a member may do, read once for a decision (V3).
 *
 * Decides T2: that each decision reads access anew.
 */
import type { Kysely } from 'kysely';
import type { HeldAccess } from '#model/member-decision.ts';
import type { Database } from '../store/schema.ts';
import { groupGrantsOfMember } from './group-access.ts';
import { accessOfRow, directGrants, memberRow } from './member-access.ts';
import { projectNames } from './project-names.ts';
import { templateOf } from './template-of.ts';

/** Of the member of an e-mail (lower case), as the tables have it and what of it has ended by `now`; null where there is none. */
export async function heldAccess(
  db: Kysely<Database>,
  vaultId: string,
  email: string,
  now: number,
): Promise<HeldAccess | null> {
  const row = await memberRow(db, vaultId, email);
  if (row === undefined) return null;
  const grants = await directGrants(db, row.id);
  const templateRow =
    row.template_id === null
      ? undefined
      : await db.selectFrom('templates').selectAll().where('id', '=', row.template_id).executeTakeFirst();
  const groupGrants = await groupGrantsOfMember(db, row.id);
  const hasScope = templateRow !== undefined || row.project_scope !== null;
  const names = hasScope ? await projectNames(db, vaultId) : new Map<string, string>();
  return {
    member: {
      ...accessOfRow(row, { template: templateRow?.name ?? null, grants, names }),
      state: row.state,
    },
    template: templateRow === undefined ? undefined : templateOf(templateRow, names),
    groupGrants,
    now,
  };
}
