/** Rail 7 for role, template and scope: what a person lowered, took or narrowed is not given back by itself. */
import type { MemberAccess } from '../model/organization.ts';
import { raisedFields } from '../model/raised.ts';
import type { Tombstone, TombstoneAct } from '../model/record.ts';
import { newestWhole } from './tombstones.ts';

type Fields = Omit<MemberAccess, 'grants'>;

/** The declared fields, with those left as they are that a person cut and `reinstate` does not name. */
export function withoutCutFields(
  tombstones: readonly Tombstone[],
  before: Fields,
  declared: Fields,
  reinstate: string | null,
): { readonly fields: Fields; readonly leftOut: Tombstone[]; readonly reinstated: string | null } {
  const leftOut: Tombstone[] = [];
  let fields = declared;
  let reinstated: string | null = null;
  const acts = raisedFields(before, declared);
  const guard = (act: TombstoneAct, kept: Partial<Fields>): void => {
    const cut = acts.includes(act) ? newestWhole(tombstones, [act]) : undefined;
    if (cut === undefined) return;
    if (cut.entry === reinstate) {
      reinstated = cut.entry;
      return;
    }
    leftOut.push(cut);
    fields = { ...fields, ...kept };
  };
  guard('RoleLowered', { role: before.role });
  // The scope narrows the template, so it stays with it.
  guard('TemplateTaken', { template: before.template, projectScope: before.projectScope });
  guard('ScopeNarrowed', { projectScope: before.projectScope });
  return { fields, leftOut, reinstated };
}
