/** A person who is in the organization: the open invite, the access, the suspension, and the record of them. */

import type { MemberFields } from '#model/fields.ts';
import { accessOf } from '#model/member-access.ts';
import type { Member, MemberAccess } from '#model/organization.ts';
import type { ManagedRecord } from '#model/record.ts';
import { givenToMember } from '#model/revocations.ts';
import { sameValue } from '#model/same.ts';
import { memberAccessAfter } from './access-outlook.ts';
import { claimIfNeeded, saysTheSame, takesOver } from './claims.ts';
import { consentOf } from './consent.ts';
import { type Context, recordAfter } from './context.ts';
import { type Contribution, type Draft, draft, emptyContribution } from './contribution.ts';
import type { DeclaredPerson, Outlooks } from './declared-person.ts';
import { exclusiveIn, withForeignItems } from './exclusive.ts';
import { planState } from './member-state.ts';
import { planExhausted, planInvite } from './open-invite.ts';
import type { Source } from './plan-types.ts';
import { unresolvedReferences } from './references.ts';
import { StandingRevocations } from './standing-revocations.ts';
import { whyAccess } from './why.ts';
import { release } from './withdrawn.ts';

interface Present {
  readonly subject: { readonly kind: 'Member'; readonly key: string };
  /** Null: nothing is declared any more. */
  readonly source: Source | null;
  readonly record: ManagedRecord | undefined;
  /** The record as it stands then; null: it is dropped. */
  readonly next: ManagedRecord | null;
}

/** `record` and `applied`: what is ours of the person, and what it says. */
export function planPresent(
  context: Context,
  person: DeclaredPerson,
  there: Member,
  record: ManagedRecord | undefined,
  applied: MemberFields | null,
  outlooks: Outlooks,
): Contribution {
  const outcome = emptyContribution();
  const subject = { kind: 'Member', key: person.email } as const;
  const consent = consentOf(person, there, applied, context.now);
  if (consent.is === 'refused') outcome.findings.push(consent.finding);
  const member = consent.is === 'refused' ? null : person.member;
  if (member === null && person.projectGrants.size === 0 && applied === null) return outcome;

  const reinstate = person.member?.source.reinstate ?? null;
  const { revocations, ...target } = withForeignItems(exclusiveIn(context, 'Member'), (exclusive) => {
    const revocations = new StandingRevocations(context.tombstones('Member', person.email), reinstate);
    const outlook = memberAccessAfter({
      person,
      member,
      there,
      applied: applied?.grants ?? [],
      adopted: consent.is === 'adopted',
      exclusive,
      given: givenToMember(there.state),
      revocations,
      undecided: outlooks.projects.undecided,
      now: context.now,
    });
    return { ...outlook, revocations };
  });
  outcome.findings.push(...target.findings);
  const source = member?.source ?? person.source;
  const nothingLeft =
    member === null && target.applied.grants.length === 0 && person.projectGrants.size === 0;
  const next = nothingLeft ? null : recordOf(context, { subject, source, record }, target.applied);
  const present: Present = { subject, source, record, next };

  const ends = member === null ? null : planInvite(context, { subject, member, there }, outcome);
  if (ends === 'cancelled') return outcome;

  const before = accessOf(there);
  const unresolved =
    source === null ? [] : unresolvedReferences(subject, source, target.access, outlooks, before);
  outcome.findings.push(...unresolved);
  const rest = { source, takenOver: source !== null && takesOver(context, source, 'Member', person.email) };
  if (target.changes && unresolved.length === 0) {
    const absent = target.withdrawn.flatMap(({ project }) => outlooks.projects.absent.get(project) ?? []);
    planAccess(present, before, target.access, outcome, {
      ...rest,
      reinstate: revocations.reinstated,
      absent,
      takesForeign: target.takesForeign,
    });
  }
  // A step that leaves the access alone may bring the record up to date only where the access is as declared.
  const carried = target.changes ? undefined : (next ?? undefined);
  const steps = outcome.drafts.length;
  if (member !== null) planState(context, { subject, member, there, outcome, carried, rest });
  const carries = outcome.drafts
    .slice(steps)
    .some(({ record: then }) => then != null && next !== null && saysTheSame(then, next));
  if (!target.changes && !carries) outcome.drafts.push(...recordAlone(context, present));
  if (ends === 'exhausted' && member !== null) {
    const applying = target.isRevoked ? [] : applyingEdit(present, outcome.drafts);
    planExhausted({ subject, member, there }, applying, outcome);
  }
  return outcome;
}

/** The steps that bring an edit; by the record and not by the vault: what a person changes or cuts there is none. */
function applyingEdit(present: Present, drafts: readonly Draft[]): readonly Draft[] {
  const { record, next } = present;
  if (next === null || record === undefined || isRecorded(present)) return [];
  return drafts.filter(({ record: then }) => then != null && saysTheSame(then, next));
}

/** Without a declaration only the fields applied change: grants that an undecided Project may declare stay ours. */
function recordOf(
  context: Context,
  { subject, source, record }: Omit<Present, 'next'>,
  applied: MemberFields,
): ManagedRecord | null {
  if (source !== null) return recordAfter(context, source, subject, applied);
  return record === undefined ? null : { ...record, applied: applied as unknown as ManagedRecord['applied'] };
}

/** Whether the record says already what it says then. */
function isRecorded({ record, next }: Present): boolean {
  return record !== undefined && next !== null && sameValue(record.applied, next.applied);
}

/** Replaces the access as a whole; says so where the vault has moved away from what was applied. */
function planAccess(
  present: Present,
  before: MemberAccess,
  after: MemberAccess,
  outcome: Contribution,
  rest: Partial<Draft>,
): void {
  const { subject, source, next } = present;
  const action = { kind: 'SetMemberAccess', key: subject.key, before, after } as const;
  outcome.drafts.push(draft(subject, action, whyAccess(before, after), { ...rest, record: next }));
  if (!isRecorded(present)) return;
  outcome.findings.push({
    subject,
    source,
    reason: 'Drift',
    severity: 'Info',
    message: `The access of ${subject.key} was changed in the vault (${whyAccess(after, before)}).`,
    next: 'The plan puts it back as declared.',
  });
}

/** The step that brings the record up to date where no other does. */
function recordAlone(context: Context, { subject, source, record, next }: Present): Draft[] {
  if (next === null) return record === undefined ? [] : [release(record, 'no grant is declared any more')];
  return source === null ? [] : claimIfNeeded(context, source, subject, next.applied);
}
