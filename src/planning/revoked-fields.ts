/**
 * Rail 7 for role, template, scope and their ends: what a person lowered, took, narrowed or shortened is not given back by
 * itself.
 *
 * Decides rail 7: the same for role, template and scope.
 */

import { ending } from '#model/ends.ts';
import type { MemberAccess } from '#model/organization.ts';
import { raisedFields } from '#model/raised.ts';
import type { GivenToMember } from '#model/revocations.ts';
import { scopeWithoutRevocations } from './revoked-scope.ts';
import type { StandingRevocations } from './standing-revocations.ts';

type Fields = Omit<MemberAccess, 'grants'>;

/** The declared fields, with those left as they are that a cut stands over. */
export function withoutRevokedFields(
  revocations: StandingRevocations,
  { before, declared }: { readonly before: Fields; readonly declared: Fields },
  given: GivenToMember,
): Fields {
  const raised = raisedFields(before, declared);
  let fields = declared;
  if (raised.includes('RoleLowered') && revocations.keepBack(given.role))
    fields = { ...fields, role: before.role };
  if (raised.includes('EndShortened') && revocations.keepBack(given.end)) {
    const { expiresAt: _, ...rest } = fields;
    fields = { ...rest, ...ending(before.expiresAt) };
  }
  if (raised.includes('ScopeNarrowed')) {
    const scopes = { before: before.projectScope, declared: declared.projectScope };
    fields = { ...fields, projectScope: scopeWithoutRevocations(revocations, scopes, given.scope) };
  }
  // Scope and end are those of the template, so they stay with it.
  if (raised.includes('TemplateTaken') && revocations.keepBack(given.template)) {
    const { templateExpiresAt: _, ...rest } = fields;
    const { template, projectScope, templateExpiresAt } = before;
    const end = templateExpiresAt === undefined ? {} : { templateExpiresAt };
    fields = { ...rest, template, projectScope, ...end };
  }
  return fields;
}
