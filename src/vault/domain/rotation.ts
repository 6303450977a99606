/** M2: what should be rotated once a person is gone. */
import { accessWhenActive, hasCell } from '../../model/access.ts';
import type { Act } from './context.ts';
import { groupGrantsOfMember } from './group-access.ts';
import type { MemberWithAccess } from './members.ts';
import { byText } from './scope.ts';
import { findTemplate } from './templates.ts';

/**
 * `project/secret` of the living secrets whose values the person could set or hand to a machine. People never
 * read values on this server, so who could only see a secret's name knows nothing to rotate. Asked before the
 * membership ends: its groups are forgotten with it.
 */
export async function secretsToRotate(act: Act, { row, access }: MemberWithAccess): Promise<string[]> {
  const template = access.template === null ? undefined : await findTemplate(act, access.template);
  const effective = accessWhenActive(access, () => template, await groupGrantsOfMember(act.db, row.id));
  const rows = await act.db
    .selectFrom('secrets')
    .innerJoin('projects', 'projects.id', 'secrets.project_id')
    .select(['secrets.name', 'projects.name as project'])
    .where('secrets.vault_id', '=', act.vault.id)
    .where('secrets.deleted_at', 'is', null)
    .execute();
  return rows
    .filter(({ project }) => hasCell(effective, 'Secrets: Manage', project))
    .map(({ project, name }) => `${project}/${name}`)
    .sort(byText);
}
