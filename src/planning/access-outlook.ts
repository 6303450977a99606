/** The access of a person once the plan has run: what is declared, less what people cut; what others gave stays. */

import type { MemberFields } from '#model/fields.ts';
import { accessOf, isSameAccess } from '#model/member-access.ts';
import type { Grant, Member, MemberAccess } from '#model/organization.ts';
import type { GivenToMember } from '#model/revocations.ts';
import { withoutEndedTemplate } from './declared-ends.ts';
import { type DeclaredPerson, fieldsAccess, memberApplied, mergedGrants } from './declared-person.ts';
import { foreignGrants } from './foreign.ts';
import { grantText } from './grant-terms.ts';
import { grantsAfter } from './grants.ts';
import type { DesiredMember, Finding } from './plan-types.ts';
import { withoutRevokedFields } from './revoked-fields.ts';
import type { StandingRevocations } from './standing-revocations.ts';
import { reinstateNeeded } from './tombstones.ts';

interface MemberAccessInput {
  readonly person: DeclaredPerson;
  /** Whose fields are applied; null: they stay as they are. */
  readonly member: DesiredMember | null;
  /** Null: the person is invited. */
  readonly there: Member | null;
  /** The grants that our record says we applied. */
  readonly applied: readonly Grant[];
  /** Consent to take over: grants that others gave are set to what is declared. */
  readonly adopted: boolean;
  /** Grants that others gave beside what is declared are taken away (rail 11). */
  readonly exclusive: boolean;
  readonly given: GivenToMember;
  readonly revocations: StandingRevocations;
  /** Projects whose object cannot act: what we applied there is kept. */
  readonly undecided: ReadonlySet<string>;
  readonly now: number;
}

interface MemberAccessOutlook {
  /** All access of the person then, foreign grants included. */
  readonly access: MemberAccess;
  /** Whether it differs from what the person has. */
  readonly changes: boolean;
  /** What is ours of it: what the record says. */
  readonly applied: MemberFields;
  /** Grants of ours that are declared no longer. */
  readonly withdrawn: readonly Grant[];
  /** Whether a grant that others gave goes. */
  readonly takesForeign: boolean;
  /** Whether a cut kept back a grant that is declared. */
  readonly isRevoked: boolean;
  /** What others gave, and what people cut. */
  readonly findings: readonly Finding[];
}

/** The access of a person who is not there: what an invite raises is measured against it. */
const NOTHING: MemberAccess = { role: 'Member', template: null, projectScope: [], grants: [] };

export function memberAccessAfter(input: MemberAccessInput): MemberAccessOutlook {
  const { person, member, there, given, revocations, now } = input;
  const before = there === null ? NOTHING : accessOf(there);
  const grants = grantsAfter({
    declared: mergedGrants(member?.grants ?? [], person.projectGrants, now),
    observed: before.grants,
    applied: input.applied,
    adopted: input.adopted,
    exclusive: input.exclusive && member !== null,
    revocations,
    given: given.grant,
    undecided: input.undecided,
    now,
  });
  const fields =
    member === null
      ? before
      : withoutRevokedFields(
          revocations,
          { before, declared: withoutEndedTemplate(fieldsAccess(member.member), before, now) },
          given,
        );
  const subject = { kind: 'Member', key: person.email } as const;
  const state = there?.state ?? null;
  const access = { ...fields, grants: grants.grants };
  const changes = !isSameAccess(before, access);
  return {
    access,
    changes,
    applied: memberApplied(member, grants.applied, fields),
    withdrawn: grants.withdrawn,
    takesForeign: grants.takesForeign,
    isRevoked: grants.isRevoked,
    findings: [
      ...foreignGrants(
        subject,
        person.source,
        grants.foreign.map(({ project, ...terms }) => `${project} ${grantText(terms)}`),
      ),
      ...revocations.keptBack.map((revocation) => reinstateNeeded(subject, person.source, revocation, state)),
    ],
  };
}
