/**
 * Rail 7 for role, template and scope: what a person lowered, took or narrowed is not given back by itself.
 *
 * Decides rail 7: the same for role, template and scope.
 */
import { type Given, type GivenToMember, standingCut } from '#model/cuts.ts';
import type { MemberAccess } from '#model/organization.ts';
import { raisedFields } from '#model/raised.ts';
import type { Tombstone } from '#model/record.ts';
import { scopeWithoutCuts } from './cut-scope.ts';

type Fields = Omit<MemberAccess, 'grants'>;

interface FieldsInput {
  readonly before: Fields;
  readonly declared: Fields;
  readonly reinstate: string | null;
}

/** The declared fields, with those left as they are that a person cut and `reinstate` does not name. */
export function withoutCutFields(
  tombstones: readonly Tombstone[],
  { before, declared, reinstate }: FieldsInput,
  given: GivenToMember,
): { readonly fields: Fields; readonly leftOut: Tombstone[]; readonly reinstated: string | null } {
  const leftOut = new Map<string, Tombstone>();
  let fields = declared;
  let reinstated: string | null = null;
  const acts = raisedFields(before, declared);
  const guard = (one: Given, kept: Partial<Fields>): void => {
    const cut = standingCut(tombstones, one);
    if (cut === undefined) return;
    if (cut.entry === reinstate) {
      reinstated = cut.entry;
      return;
    }
    leftOut.set(cut.entry, cut);
    fields = { ...fields, ...kept };
  };
  if (acts.includes('RoleLowered')) guard(given.role, { role: before.role });
  if (acts.includes('ScopeNarrowed')) {
    const input = { before: before.projectScope, declared: declared.projectScope, reinstate };
    const scope = scopeWithoutCuts(tombstones, input, given.scope);
    fields = { ...fields, projectScope: scope.scope };
    for (const cut of scope.leftOut) leftOut.set(cut.entry, cut);
    reinstated ??= scope.reinstated;
  }
  // The scope narrows the template, so it stays with it.
  if (acts.includes('TemplateTaken')) {
    guard(given.template, { template: before.template, projectScope: before.projectScope });
  }
  return { fields, leftOut: [...leftOut.values()], reinstated };
}
