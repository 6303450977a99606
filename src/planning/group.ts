/** The steps for one group: one that is gone, one that is not there yet, one that is there. */
import type { GroupFields } from '#model/fields.ts';
import { type Listing, listedOtherwise, listingOf, membershipsOf } from '#model/listing.ts';
import type { Group, GroupContent } from '#model/organization.ts';
import type { Json, ManagedRecord } from '#model/record.ts';
import { givenToGroup } from '#model/revocations.ts';
import { sameValue } from '#model/same.ts';
import type { ActionOf } from '#model/step.ts';
import { appliedGroup } from './applied.ts';
import { claimIfNeeded, takesOver } from './claims.ts';
import { type Context, recordAfter } from './context.ts';
import { type Contribution, type Draft, draft, emptyContribution } from './contribution.ts';
import type { DeclaredGroup } from './declared-group.ts';
import { exclusiveIn, withForeignItems } from './exclusive.ts';
import { groupConsent } from './group-consent.ts';
import { groupNotFound } from './group-findings.ts';
import { type GroupOutlook, type GroupOutlooks, groupAfter } from './group-outlook.ts';
import type { Finding } from './plan-types.ts';
import type { ProjectOutlook } from './projects.ts';
import { StandingRevocations } from './standing-revocations.ts';
import { reinstateNeeded } from './tombstones.ts';
import { whyGroup } from './why.ts';
import { release } from './withdrawn.ts';

export function planGroup(
  context: Context,
  declared: DeclaredGroup,
  there: Group | undefined,
  outlooks: GroupOutlooks,
): Contribution {
  const record = context.record('Group', declared.name);
  const applied = record === undefined ? null : appliedGroup(record.applied);
  if (record !== undefined && declared.group === null && applied?.group != null) {
    return withdrawGroup(context, declared.name, there);
  }
  if (there !== undefined) return planThere(context, declared, there, outlooks);
  if (declared.group !== null) return planNew(context, declared, outlooks);
  if (declared.source !== null) return groupNotFound(declared.name, declared.source);
  return record === undefined ? emptyContribution() : withdrawGroup(context, declared.name, there);
}

/** No Group object declares it any more: it goes with what it gave, or the record alone where it is gone already. */
function withdrawGroup(context: Context, key: string, there: Group | undefined): Contribution {
  const outcome = emptyContribution();
  const record = context.record('Group', key);
  if (record === undefined) return outcome;
  if (there === undefined) {
    outcome.drafts.push(release(record, 'declared no longer, and not in the vault'));
    return outcome;
  }
  const { description, grants } = there;
  const action = { kind: 'DeleteGroup', key, before: { description, grants }, after: null } as const;
  const rest = { record: null, absent: [record] };
  outcome.drafts.push(draft({ kind: 'Group', key }, action, 'declared no longer', rest));
  return outcome;
}

function planNew(context: Context, declared: DeclaredGroup, outlooks: GroupOutlooks): Contribution {
  const outcome = emptyContribution();
  const subject = { kind: 'Group', key: declared.name } as const;
  const source = declared.source;
  const revocations = revocationsOf(context, declared);
  if (revocations.keepBack(givenToGroup.itself)) {
    for (const tombstone of revocations.keptBack)
      outcome.findings.push(reinstateNeeded(subject, source, tombstone));
    return outcome;
  }
  if (!outlooks.room.take()) {
    outcome.findings.push(outlooks.room.refused(subject, source));
    return outcome;
  }
  const target = groupAfter(
    context,
    declared,
    { there: null, adopted: false, exclusive: false, revocations },
    outlooks,
  );
  planSteps(context, declared, null, target, outlooks.projects, outcome);
  return outcome;
}

function planThere(
  context: Context,
  declared: DeclaredGroup,
  there: Group,
  outlooks: GroupOutlooks,
): Contribution {
  const outcome = emptyContribution();
  const subject = { kind: 'Group', key: declared.name } as const;
  const record = context.record('Group', declared.name);
  const consent = groupConsent(
    declared,
    there,
    record === undefined ? null : appliedGroup(record.applied).group,
    context.now,
  );
  if (consent.refusal !== null) outcome.findings.push(consent.refusal);
  const acting: DeclaredGroup = consent.refusal === null ? declared : { ...declared, group: null };
  if (acting.group === null && acting.projectGrants.size === 0 && record === undefined) return outcome;

  const target = withForeignItems(exclusiveIn(context, 'Group'), (exclusive) => {
    const revocations = revocationsOf(context, declared);
    const given = { there, adopted: consent.isAdopted, exclusive, revocations };
    return groupAfter(context, acting, given, outlooks);
  });
  if (target.isRefused) outcome.findings.push(outlooks.room.refused(subject, acting.source));
  planSteps(context, acting, there, target, outlooks.projects, outcome);
  return outcome;
}

function revocationsOf(context: Context, { name, group }: DeclaredGroup): StandingRevocations {
  return new StandingRevocations(context.tombstones('Group', name), group?.source.reinstate ?? null);
}

/** Who has joined first; each invitee by a step of their own, which follows the invite. */
function planSteps(
  context: Context,
  declared: DeclaredGroup,
  there: Group | null,
  target: GroupOutlook,
  projects: Pick<ProjectOutlook, 'absent'>,
  outcome: Contribution,
): void {
  const { name, group, projectGrants, source } = declared;
  const subject = { kind: 'Group', key: name } as const;
  outcome.findings.push(...target.findings);
  const record = context.record('Group', name);
  const nothingLeft = group === null && target.applied.grants.length === 0 && projectGrants.size === 0;
  const next = (applied: GroupFields): ManagedRecord | null => {
    if (nothingLeft) return null;
    if (source !== null) return recordAfter(context, source, subject, applied);
    return record === undefined ? null : { ...record, applied: applied as unknown as Json };
  };
  const rest = { source, takenOver: source !== null && takesOver(context, source, 'Group', name) };
  const { before, after, reinstate, withdrawn } = target;
  let first: Draft | null = null;
  if (there === null) {
    const action = { kind: 'CreateGroup', key: name, before: null, after } as const;
    first = draft(subject, action, 'not in the vault', { ...rest, record: next(target.applied), reinstate });
  } else if (!sameValue(before, after)) {
    const action = changeOf(name, before, after);
    const absent = withdrawn.flatMap(({ project }) => projects.absent.get(project) ?? []);
    first = draft(subject, action, whyGroup(action.before, action.after), {
      ...rest,
      record: next(target.applied),
      reinstate,
      absent,
      takesForeign: target.takesForeign,
    });
    outcome.findings.push(...drift(context, declared, target, action));
  }
  if (first !== null) outcome.drafts.push(first);
  // In whatever order they run.
  const applied = [...membershipsOf(target.applied)];
  const joined = target.joining.map(({ email, end }) => [email, end] as const);
  const recordWithAll = next(withListing(target.applied, listingOf([...applied, ...joined])));
  for (const { email, end, invite } of target.joining) {
    const none = withListing(after, NOBODY);
    const action = changeOf(name, none, withListing(after, listingOf([[email, end]])));
    const follows = [first, invite].filter((one) => one !== null);
    outcome.drafts.push(
      draft(subject, action, whyGroup(action.before, action.after), {
        ...rest,
        reinstate,
        record: recordWithAll,
        listsInvitee: true,
        follows,
      }),
    );
  }
  if (first !== null || target.joining.length > 0) return;
  if (nothingLeft) {
    if (record !== undefined) outcome.drafts.push(release(record, 'no grant is declared any more'));
  } else if (source !== null) {
    const withGone = withListing(target.applied, listingOf([...applied, ...target.gone]));
    const isRecorded = record !== undefined && sameValue(record.applied, withGone);
    if (isRecorded && record.origin === source.namespace) return;
    outcome.drafts.push(...claimIfNeeded(context, source, subject, target.applied));
  }
}

/** Of the members those alone who come and go: it is the same decision whoever else does (decision 0040). */
function changeOf(key: string, before: GroupContent, after: GroupContent): ActionOf<'UpdateGroup'> {
  const [had, has] = [membershipsOf(before), membershipsOf(after)];
  return {
    kind: 'UpdateGroup',
    key,
    before: withListing(before, listingOf(listedOtherwise(had, has))),
    after: withListing(after, listingOf(listedOtherwise(has, had))),
  };
}

const NOBODY: Listing = { members: [] };

function withListing<Listed extends Listing>({ members: _, ends: __, ...rest }: Listed, listing: Listing) {
  return { ...rest, ...listing };
}

function drift(
  context: Context,
  { name, source }: DeclaredGroup,
  target: GroupOutlook,
  { before, after }: ActionOf<'UpdateGroup'>,
): Finding[] {
  const record = context.record('Group', name);
  if (record === undefined || !sameValue(record.applied, target.applied)) return [];
  return [
    {
      subject: { kind: 'Group', key: name },
      source,
      reason: 'Drift',
      severity: 'Info',
      message: `The group ${name} was changed in the vault (${whyGroup(after, before)}).`,
      next: 'The plan puts it back as declared.',
    },
  ];
}
