/**
 * The steps for one person.
 *
 * Decides M1: suspending and un-suspending as Git declares.
 */
import { givenItem, givenToMember, givenWithMembership, standingCut } from '#model/cuts.ts';
import type { MemberFields } from '#model/fields.ts';
import { accessOf, canonicalAccess } from '#model/member-access.ts';
import type { Grant, Member, MemberAccess, ProjectScope } from '#model/organization.ts';
import type { ManagedRecord, Tombstone } from '#model/record.ts';
import { appliedMember } from './applied.ts';
import { claimIfNeeded, notAdopted, takesOver } from './claims.ts';
import { type Context, recordAfter } from './context.ts';
import { draft, emptyOutcome, type Outcome } from './contribution.ts';
import { withoutCutFields } from './cut-fields.ts';
import { scopeWithoutCuts } from './cut-scope.ts';
import {
  consentOf,
  type DeclaredPerson,
  differenceOf,
  fieldsAccess,
  memberApplied,
  mergedGrants,
  type Outlooks,
} from './declared-person.ts';
import { grantsAfter } from './grants.ts';
import { planInvite } from './invites.ts';
import type { DesiredMember, Finding, Source } from './plan-types.ts';
import { unresolvedReferences } from './references.ts';
import { sameValue } from './same.ts';
import { listed } from './sorted.ts';
import { newestWhole, reinstateNeeded } from './tombstones.ts';
import { whyAccess } from './why.ts';
import { release } from './withdrawn.ts';

export function planPerson(context: Context, person: DeclaredPerson, outlooks: Outlooks): Outcome {
  const record = context.record('Member', person.email);
  const applied = record === undefined ? null : appliedMember(record.applied);
  const there = context.member(person.email);
  if (record !== undefined && person.member === null && applied?.member != null) {
    return withdrawPerson(record, there);
  }
  if (there === undefined) {
    return person.source === null ? forget(record) : planAbsent(context, person, person.source, outlooks);
  }
  return planPresent(context, person, there, applied, record, outlooks);
}

/** The Member object is gone: the person leaves, or the invite is taken back. */
function withdrawPerson(record: ManagedRecord, there: Member | undefined): Outcome {
  const outcome = emptyOutcome();
  const subject = { kind: 'Member', key: record.key } as const;
  const rest = { record: null, absent: [record] };
  const why = 'declared no longer';
  if (there === undefined) outcome.drafts.push(release(record, 'declared no longer, and not in the vault'));
  else if (there.state === 'Invited') {
    const action = { kind: 'CancelInvite', key: record.key, before: accessOf(there), after: null } as const;
    outcome.drafts.push(draft(subject, action, why, rest));
  } else {
    const before = { ...accessOf(there), state: there.state };
    outcome.drafts.push(
      draft(subject, { kind: 'RemoveMember', key: record.key, before, after: null }, why, rest),
    );
  }
  return outcome;
}

/** A record of grants alone, of a person who is not there and whom nothing declares. */
function forget(record: ManagedRecord | undefined): Outcome {
  const outcome = emptyOutcome();
  if (record !== undefined) outcome.drafts.push(release(record, 'declared no longer, and not in the vault'));
  return outcome;
}

function planAbsent(context: Context, person: DeclaredPerson, source: Source, outlooks: Outlooks): Outcome {
  const outcome = emptyOutcome();
  const subject = { kind: 'Member', key: person.email } as const;
  const { member } = person;
  if (member === null) {
    outcome.findings.push({
      subject,
      source,
      reason: 'MemberNotFound',
      severity: 'Waiting',
      message: `${person.email} is granted a project and is not in the organization.`,
      next: `Declare a Member with the e-mail ${person.email}, or take the grant away.`,
    });
    return outcome;
  }
  if (member.member.state === 'Suspended') {
    outcome.findings.push({
      subject,
      source,
      reason: 'NotInvited',
      severity: 'Info',
      message: `${person.email} is declared Suspended and is not in the organization; no invite is sent.`,
      next: 'Declare state: Active to invite, or remove the object.',
    });
    return outcome;
  }
  const tombstones = context.tombstones('Member', person.email);
  const declared = fieldsAccess(member.member);
  const cut = standingCut(tombstones, givenWithMembership(declared));
  if (cut !== undefined && cut.entry !== source.reinstate) {
    outcome.findings.push(reinstateNeeded(subject, source, cut));
    return outcome;
  }
  const target = grantsAfter({
    declared: mergedGrants(member.grants, person.projectGrants),
    observed: [],
    applied: [],
    adopted: false,
    tombstones,
    given: (project) => givenItem('GrantRemoved', project),
    reinstate: source.reinstate,
    undecided: outlooks.projects.undecided,
  });
  const scope = invitedScope(tombstones, declared, source.reinstate);
  for (const tombstone of unique([...target.leftOut, ...scope.leftOut])) {
    outcome.findings.push(reinstateNeeded(subject, source, tombstone));
  }
  const after: MemberAccess = { ...declared, projectScope: scope.scope, grants: target.grants };
  const unresolved = unresolvedReferences(subject, source, after, outlooks);
  if (unresolved.length > 0) {
    outcome.findings.push(...unresolved);
    return outcome;
  }
  outcome.drafts.push(
    draft(
      subject,
      { kind: 'InviteMember', key: person.email, before: null, after },
      'not in the organization',
      {
        source,
        record: recordAfter(context, source, subject, memberApplied(member, target.applied, after)),
        reinstate: cut?.entry ?? target.reinstated ?? scope.reinstated,
        takenOver: takesOver(context, source, 'Member', person.email),
      },
    ),
  );
  return outcome;
}

/** A scope that may reach any project is given with the membership or not at all. */
function invitedScope(
  tombstones: readonly Tombstone[],
  declared: Omit<MemberAccess, 'grants'>,
  reinstate: string | null,
): ReturnType<typeof scopeWithoutCuts<ProjectScope | null>> {
  const { projectScope } = declared;
  if (declared.template === null || projectScope === null || projectScope === 'All') {
    return { scope: projectScope, leftOut: [], reinstated: null };
  }
  const input = { before: [], declared: projectScope, reinstate };
  return scopeWithoutCuts<ProjectScope | null>(tombstones, input, (project) =>
    givenItem('ScopeNarrowed', project ?? ''),
  );
}

function unique(tombstones: readonly Tombstone[]): Tombstone[] {
  return [...new Map(tombstones.map((tombstone) => [tombstone.entry, tombstone])).values()];
}

function planPresent(
  context: Context,
  person: DeclaredPerson,
  there: Member,
  applied: MemberFields | null,
  record: ManagedRecord | undefined,
  outlooks: Outlooks,
): Outcome {
  const outcome = emptyOutcome();
  const subject = { kind: 'Member', key: person.email } as const;
  const consent = consentOf(person, there, applied);
  if (consent === 'refused' && person.member !== null) {
    const difference = differenceOf(there, person.member, person.projectGrants);
    outcome.findings.push(notAdopted(subject, person.member.source, { id: there.id, difference }));
  }
  const member = consent === 'refused' ? null : person.member;
  if (member === null && person.projectGrants.size === 0 && applied === null) return outcome;

  const tombstones = context.tombstones('Member', person.email);
  const reinstate = person.member?.source.reinstate ?? null;
  const given = givenToMember(there.state);
  const target = grantsAfter({
    declared: mergedGrants(member?.grants ?? [], person.projectGrants),
    observed: there.grants,
    applied: applied?.grants ?? [],
    adopted: consent === 'adopted',
    tombstones,
    given: given.grant,
    reinstate,
    undecided: outlooks.projects.undecided,
  });
  outcome.findings.push(...foreignGrants(subject, person.source, target.foreign));

  const before = accessOf(there);
  const wanted = member === null ? null : { before, declared: fieldsAccess(member.member), reinstate };
  const declared = wanted === null ? null : withoutCutFields(tombstones, wanted, given);
  for (const tombstone of unique([...target.leftOut, ...(declared?.leftOut ?? [])])) {
    outcome.findings.push(reinstateNeeded(subject, person.source, tombstone, there.state));
  }
  const after: MemberAccess = { ...(declared?.fields ?? before), grants: target.grants };
  const source = member?.source ?? person.source;
  const nothingLeft = member === null && target.applied.length === 0 && person.projectGrants.size === 0;
  const next = nothingLeft
    ? null
    : recordOf(context, source, subject, memberApplied(member, target.applied, declared?.fields));
  const takenOver = source !== null && takesOver(context, source, 'Member', person.email);
  const rest = { source, takenOver };

  // By the record and not by the vault: what a person changes or cuts there is no edit in Git.
  const edited =
    record !== undefined &&
    next !== null &&
    target.leftOut.length === 0 &&
    !sameValue(record.applied, next.applied);
  const ends = member === null ? null : planInvite(context, { subject, member, there, edited }, outcome);
  if (ends === 'cancelled') return outcome;

  const unresolved = source === null ? [] : unresolvedReferences(subject, source, after, outlooks, before);
  outcome.findings.push(...unresolved);
  const changes = !sameValue(canonicalAccess(before), canonicalAccess(after));
  const replaced = changes && unresolved.length === 0;
  if (replaced) {
    const absent = target.withdrawn.flatMap(({ project }) => outlooks.projects.absent.get(project) ?? []);
    outcome.drafts.push(
      draft(
        subject,
        { kind: 'SetMemberAccess', key: person.email, before, after },
        whyAccess(before, after),
        {
          ...rest,
          record: next,
          reinstate: target.reinstated ?? declared?.reinstated ?? null,
          absent,
        },
      ),
    );
    if (next !== null && record !== undefined && sameValue(record.applied, next.applied)) {
      outcome.findings.push({
        subject,
        source,
        reason: 'Drift',
        severity: 'Info',
        message: `The access of ${person.email} was changed in the vault (${whyAccess(after, before)}).`,
        next: 'The plan puts it back as declared.',
      });
    }
  }
  // A step that leaves the access alone may bring the record up to date only where the access is as declared.
  const carried = changes ? undefined : next;
  const steps = outcome.drafts.length;
  if (member !== null)
    planState(context, { subject, member, there, outcome, carried: carried ?? undefined, rest });
  const carries = outcome.drafts.slice(steps).some((step) => step.record !== undefined);
  if (!changes && !carries) {
    if (next === null) {
      if (record !== undefined) outcome.drafts.push(release(record, 'no grant is declared any more'));
    } else if (source !== null) {
      outcome.drafts.push(...claimIfNeeded(context, source, subject, next.applied));
    }
  }
  return outcome;
}

/** Without a declaration only the fields applied change: grants that an undecided Project may declare stay ours. */
function recordOf(
  context: Context,
  source: Source | null,
  subject: { readonly kind: 'Member'; readonly key: string },
  applied: MemberFields,
): ManagedRecord | null {
  if (source !== null) return recordAfter(context, source, subject, applied);
  const record = context.record(subject.kind, subject.key);
  return record === undefined ? null : { ...record, applied: applied as unknown as ManagedRecord['applied'] };
}

interface StatePlan {
  readonly subject: { readonly kind: 'Member'; readonly key: string };
  readonly member: DesiredMember;
  readonly there: Member;
  readonly outcome: Outcome;
  readonly carried: ManagedRecord | undefined;
  readonly rest: { readonly source: Source | null; readonly takenOver: boolean };
}

/** M1: suspended by Git, un-suspended by Git; what a person suspended stays so (rail 7). */
function planState(context: Context, { subject, member, there, outcome, carried, rest }: StatePlan): void {
  const declared = member.member.state;
  if (there.state === 'Active' && declared === 'Suspended') {
    const before = { state: there.state };
    const after = { state: 'Suspended' } as const;
    outcome.drafts.push(
      draft(
        subject,
        { kind: 'SuspendMember', key: subject.key, before, after },
        'state: Active -> Suspended',
        { ...rest, record: carried },
      ),
    );
  }
  if (there.state === 'Suspended' && declared === 'Active') {
    const cut = newestWhole(context.tombstones('Member', subject.key), ['Suspended']);
    if (cut !== undefined && cut.entry !== member.source.reinstate) {
      outcome.findings.push(reinstateNeeded(subject, member.source, cut));
      return;
    }
    const before = { state: 'Suspended' } as const;
    const after = { state: 'Active' } as const;
    outcome.drafts.push(
      draft(
        subject,
        { kind: 'UnsuspendMember', key: subject.key, before, after },
        'state: Suspended -> Active',
        { ...rest, record: carried, reinstate: cut?.entry ?? null },
      ),
    );
  }
}

function foreignGrants(
  subject: Finding['subject'],
  source: Source | null,
  foreign: readonly Grant[],
): Finding[] {
  if (foreign.length === 0) return [];
  const names = foreign.map(({ project, access }) => `${project} ${access}`);
  return [
    {
      subject,
      source,
      reason: 'Foreign',
      severity: 'Info',
      message: `Granted in the vault beyond Git, and kept: ${listed(names)}.`,
      next: 'Declare them, or take them away in the vault.',
    },
  ];
}
