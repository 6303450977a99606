/**
 * Rail 7: what a change of a member's access gives beyond what there was, by the acts of people that it undoes.
 *
 * Decides rail 7: which fields of a member's access a change raises.
 */
import { widens } from './access.ts';
import { endsLater } from './ends.ts';
import type { MemberAccess } from './organization.ts';
import type { TombstoneAct } from './record.ts';

type Fields = Omit<MemberAccess, 'grants'>;

/** What somebody new has before: of a scope that narrows the template they have nothing, and that has ended. */
const NOBODY: Fields = { role: 'Member', template: null, projectScope: [], expiresAt: 0 };

/** For each field the act of a person that a raise of it undoes; null where it is no raise. */
const UNDONE: {
  readonly [Field in keyof Fields]-?: (before: Fields, after: Fields) => TombstoneAct | null;
} = {
  expiresAt: (before, after) => (endsLater(after.expiresAt, before.expiresAt) ? 'EndShortened' : null),
  role: (before, after) => (before.role === 'Member' && after.role === 'Admin' ? 'RoleLowered' : null),
  template: (before, after) =>
    after.template !== null && after.template !== before.template ? 'TemplateTaken' : null,
  templateExpiresAt: (before, after) =>
    after.template !== null &&
    after.template === before.template &&
    endsLater(after.templateExpiresAt, before.templateExpiresAt)
      ? 'TemplateTaken'
      : null,
  // The scope is about the template.
  projectScope: (before, after) =>
    after.template !== null && widens(after.projectScope, before.projectScope) ? 'ScopeNarrowed' : null,
};

/** Role, template, scope and the ends of those and of the membership; grants are items. `before` null: the person is new. */
export function raisedFields(before: Fields | null, after: Fields): TombstoneAct[] {
  return Object.values(UNDONE).flatMap((undone) => undone(before ?? NOBODY, after) ?? []);
}
