/**
 * Rail 7 for role, template and scope: what a person lowered, took or narrowed is not given back by itself.
 *
 * Decides rail 7: the same for role, template and scope.
 */

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
  if (raised.includes('ScopeNarrowed')) {
    const scopes = { before: before.projectScope, declared: declared.projectScope };
    fields = { ...fields, projectScope: scopeWithoutRevocations(revocations, scopes, given.scope) };
  }
  // The scope narrows the template, so it stays with it.
  if (raised.includes('TemplateTaken') && revocations.keepBack(given.template)) {
    fields = { ...fields, template: before.template, projectScope: before.projectScope };
  }
  return fields;
}
