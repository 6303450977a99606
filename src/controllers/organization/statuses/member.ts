import { endText, hasEnded } from '#model/ends.ts';
import type { Member } from '#model/organization.ts';
import { normalizeEmail } from '#model/organization.ts';
import type { ManagedRecord } from '#model/record.ts';
import type { DesiredMember } from '#planning/plan-types.ts';
import type { Resource } from '../../resources.ts';
import { accessInBrief } from './access-in-brief.ts';
import { Conditions, present, READINESS_AND_BESIDE, rfc3339, type StatusDraft } from './draft.ts';
import { type Observed, recordKey } from './observed.ts';
import type { Problem } from './problems.ts';

const OWNED = [...READINESS_AND_BESIDE, 'Joined', 'TemplateBound', 'SuspensionMatches'];

/** Ready never waits for a person: an open invite is Ready with Joined=False/InvitePending. */
export function memberStatusOf(
  object: Resource<'Member'>,
  declared: DesiredMember | undefined,
  observed: Observed,
  problem: Problem | undefined,
  now: number,
): StatusDraft {
  const email = normalizeEmail(object.spec.email);
  const member = observed.members.get(email);
  const conditions = new Conditions(object, OWNED, now);
  const wanted = object.spec.state ?? 'Active';
  // Nobody is invited only to be suspended: what is declared is so.
  const isKeptOut = member === undefined && problem === undefined && wanted === 'Suspended';
  if (isKeptOut) {
    const said = 'Declared Suspended, and not in the organization; no invite is sent.';
    for (const type of ['Joined', 'TemplateBound']) conditions.set(type, false, 'NotInvited', said);
    conditions.set('SuspensionMatches', true, 'NotInvited', said).readyUnless(undefined, said, 'NotInvited');
    return draftOf(object, observed, conditions, now);
  }
  const [joined, reason, message] = joinedOf(member, problem, now);
  conditions.set('Joined', joined, reason, message);

  const template = declared?.member.template ?? null;
  const missing = problem?.reason ?? 'Progressing';
  if (declared !== undefined && template === null && (member?.template ?? null) === null)
    conditions.set('TemplateBound', true, 'NoTemplate');
  else if (
    declared !== undefined &&
    (hasEnded(declared.member.templateExpiresAt, now) || hasEnded(declared.member.expiresAt, now))
  )
    conditions.set('TemplateBound', false, 'Ended', `${template} gives nothing any more, as declared.`);
  else if (declared !== undefined && member !== undefined && member.template === template)
    conditions.set('TemplateBound', true, 'Succeeded', `Holds ${template}.`);
  else conditions.set('TemplateBound', false, missing, problem?.message ?? '');

  const matches = member !== undefined && (member.state === 'Suspended') === (wanted === 'Suspended');
  conditions.set(
    'SuspensionMatches',
    matches,
    matches ? 'Succeeded' : missing,
    matches ? '' : (problem?.message ?? ''),
  );

  conditions.readyUnless(problem, readyMessage(member, now));
  return draftOf(object, observed, conditions, now);
}

function draftOf(
  object: Resource<'Member'>,
  observed: Observed,
  conditions: Conditions,
  now: number,
): StatusDraft {
  const email = normalizeEmail(object.spec.email);
  const member = observed.members.get(email);
  return {
    ...present({
      observedGeneration: object.metadata.generation,
      memberId: member?.id,
      state: hasEnded(member?.expiresAt, now) ? 'Ended' : member?.state,
      role: member?.role,
      joinedAt: member?.joinedAt === undefined ? undefined : rfc3339(member.joinedAt),
      approved: approvedOf(observed.records.get(recordKey('Member', email))),
      access: accessInBrief(member, observed.groups, now),
      invite: inviteOf(member, observed.declined.has(email), now),
    }),
    conditions: conditions.list,
  };
}

function approvedOf(record: ManagedRecord | undefined): object | undefined {
  if (record?.approved === undefined) return undefined;
  const { by, via, at } = record.approved;
  return { by, via, at: rfc3339(at) };
}

function joinedOf(
  member: Member | undefined,
  problem: Problem | undefined,
  now: number,
): [boolean, string, string] {
  if (member === undefined) return [false, problem?.reason ?? 'Progressing', problem?.message ?? ''];
  if (member.awaits === 'Reacceptance')
    return [false, 'ReacceptancePending', 'The keys were rotated; the person has to accept again.'];
  if (member.awaits === 'Confirmation')
    return [false, 'ConfirmationPending', 'The person joined; the owner has to confirm them.'];
  if (member.state !== 'Invited') return [true, 'Joined', ''];
  const expiresAt = member.invite?.expiresAt;
  if (expiresAt !== undefined && expiresAt <= now)
    return [false, 'InviteExpired', `The invite expired at ${rfc3339(expiresAt)}.`];
  const until = expiresAt === undefined ? '' : ` until ${rfc3339(expiresAt)}`;
  return [false, 'InvitePending', `The invite is open${until}.`];
}

function readyMessage(member: Member | undefined, now: number): string {
  if (member === undefined) return '';
  if (hasEnded(member.expiresAt, now)) return `Ended at ${endText(member.expiresAt)}, as declared.`;
  if (member.awaits !== undefined) return 'As declared; without access until the person acts.';
  switch (member.state) {
    case 'Invited':
      return 'Invited; nothing waits for the answer.';
    case 'Active':
      return 'As declared.';
    case 'Suspended':
      return 'Suspended, as declared.';
  }
}

function inviteOf(member: Member | undefined, declined: boolean, now: number): object | undefined {
  if (member?.invite !== null && member?.invite !== undefined) {
    const { sentAt, expiresAt, attempts } = member.invite;
    return {
      state: expiresAt <= now ? 'Expired' : 'Pending',
      sentAt: rfc3339(sentAt),
      expiresAt: rfc3339(expiresAt),
      attempts,
    };
  }
  if (member !== undefined) return undefined;
  return declined ? { state: 'Declined' } : undefined;
}
