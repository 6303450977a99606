/** A person who is declared and not in the organization: an invite, or why none is sent. None is for who has ended (M5). */
import { hasEnded } from '#model/ends.ts';
import { givenToNewMember } from '#model/revocations.ts';
import { memberAccessAfter } from './access-outlook.ts';
import { takesOver } from './claims.ts';
import { type Context, recordAfter } from './context.ts';
import { type Contribution, draft, emptyContribution } from './contribution.ts';
import { type DeclaredPerson, fieldsAccess, type Outlooks } from './declared-person.ts';
import type { Finding, Source } from './plan-types.ts';
import { unresolvedReferences } from './references.ts';
import { StandingRevocations } from './standing-revocations.ts';
import { reinstateNeeded } from './tombstones.ts';

/** `source`: the object that speaks for the person. */
export function planAbsent(
  context: Context,
  person: DeclaredPerson,
  source: Source,
  outlooks: Outlooks,
): Contribution {
  const outcome = emptyContribution();
  const subject = { kind: 'Member', key: person.email } as const;
  const { member } = person;
  if (member === null) {
    const isOver = [...person.projectGrants.values()].every(({ expiresAt }) =>
      hasEnded(expiresAt, context.now),
    );
    if (isOver) return outcome;
    outcome.findings.push(memberNotFound(subject, source));
    return outcome;
  }
  if (member.member.state === 'Suspended') {
    outcome.findings.push(notInvited(subject, source));
    return outcome;
  }
  if (hasEnded(member.member.expiresAt, context.now)) return outcome;
  const given = givenToNewMember(fieldsAccess(member.member));
  const revocations = new StandingRevocations(context.tombstones('Member', person.email), source.reinstate);
  if (revocations.keepBack(given.membership)) {
    for (const revocation of revocations.keptBack)
      outcome.findings.push(reinstateNeeded(subject, source, revocation));
    return outcome;
  }

  const { undecided } = outlooks.projects;
  const target = memberAccessAfter({
    person,
    member,
    there: null,
    applied: [],
    adopted: false,
    exclusive: false,
    given,
    revocations,
    undecided,
    now: context.now,
  });
  outcome.findings.push(...target.findings);
  const unresolved = unresolvedReferences(subject, source, target.access, outlooks);
  outcome.findings.push(...unresolved);
  if (unresolved.length > 0) return outcome;

  const action = { kind: 'InviteMember', key: person.email, before: null, after: target.access } as const;
  outcome.drafts.push(
    draft(subject, action, 'not in the organization', {
      source,
      record: recordAfter(context, source, subject, target.applied),
      reinstate: revocations.reinstated,
      takenOver: takesOver(context, source, 'Member', person.email),
    }),
  );
  return outcome;
}

function memberNotFound(subject: Finding['subject'], source: Source): Finding {
  return {
    subject,
    source,
    reason: 'MemberNotFound',
    severity: 'Waiting',
    message: `${subject.key} is granted a project and is not in the organization.`,
    next: `Declare a Member with the e-mail ${subject.key}, or take the grant away.`,
  };
}

function notInvited(subject: Finding['subject'], source: Source): Finding {
  return {
    subject,
    source,
    reason: 'NotInvited',
    severity: 'Info',
    message: `${subject.key} is declared Suspended and is not in the organization; no invite is sent.`,
    next: 'Declare state: Active to invite, or remove the object.',
  };
}
