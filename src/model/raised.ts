/** Rail 7: what a change of a member's access gives beyond what there was, by the acts of people that it undoes. */
import { widens } from './access.ts';
import type { MemberAccess } from './organization.ts';
import type { TombstoneAct } from './record.ts';

/** Role, template and scope alone; grants are items. `before` null: the person is new. */
export function raisedFields(
  before: Omit<MemberAccess, 'grants'> | null,
  after: Omit<MemberAccess, 'grants'>,
): TombstoneAct[] {
  const { role = 'Member', template = null, projectScope = [] } = before ?? {};
  const acts: TombstoneAct[] = [];
  if (role === 'Member' && after.role === 'Admin') acts.push('RoleLowered');
  if (after.template === null) return acts;
  if (after.template !== template) acts.push('TemplateTaken');
  if (widens(after.projectScope, projectScope)) acts.push('ScopeNarrowed');
  return acts;
}
