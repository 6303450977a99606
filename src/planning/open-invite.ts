/**
 * Invites that are open (I2, rail 8: one open invite a person).
 *
 * Decides I2: what becomes of an invite that Git declares and nobody answered.
 * Decides rail 8: that an open invite is left alone and an exhausted one waits for an edit.
 */
import { hasEnded } from '#model/ends.ts';
import { isExhausted } from '#model/invites.ts';
import { accessOf } from '#model/member-access.ts';
import type { Awaited, Invite, Member } from '#model/organization.ts';
import type { Context } from './context.ts';
import { type Contribution, type Draft, draft } from './contribution.ts';
import type { DesiredMember, Finding } from './plan-types.ts';
import { named } from './source-text.ts';

export interface Invited {
  readonly subject: { readonly kind: 'Member'; readonly key: string };
  readonly member: DesiredMember;
  readonly there: Member;
}

/**
 * What becomes of the invite of a person who has not joined: `cancelled` where it is taken back, `exhausted` where an edit
 * alone sends it again.
 */
export function planInvite(
  context: Context,
  { subject, member, there }: Invited,
  outcome: Contribution,
): 'cancelled' | 'exhausted' | 'kept' {
  const { invite } = there;
  if (there.awaits !== undefined) outcome.findings.push(awaited(subject, member, there.awaits));
  if (there.state !== 'Invited' || invite === null) return 'kept';
  // It cannot be accepted any more (M5).
  if (hasEnded(member.member.expiresAt, context.now)) return 'kept';
  const { source } = member;
  if (member.member.state === 'Suspended') {
    const action = { kind: 'CancelInvite', key: subject.key, before: accessOf(there), after: null } as const;
    outcome.drafts.push(
      draft(subject, action, 'state: Suspended, before the invite was accepted', { source, record: null }),
    );
    return 'cancelled';
  }
  if (invite.expiresAt > context.now) {
    outcome.wakes.push(invite.expiresAt);
    outcome.findings.push({
      subject,
      source,
      reason: 'InvitePending',
      severity: 'Info',
      message: `Invited; open until ${new Date(invite.expiresAt).toISOString()}.`,
      next: `${subject.key} accepts or declines.`,
    });
    return 'kept';
  }
  if (isExhausted(context.settings.invites, invite)) return 'exhausted';
  outcome.drafts.push(sending({ subject, member, there }, invite, invite.attempts + 1, []));
  return 'kept';
}

/**
 * An invite that was sent as often as it may be. `applying`: the steps by which an edit in Git comes to be what was applied
 * last; it is sent anew with them. One that a rail holds sends nothing, else it would be an edit each time.
 */
export function planExhausted(invited: Invited, applying: readonly Draft[], outcome: Contribution): void {
  const { subject, member, there } = invited;
  if (there.invite === null) return;
  if (applying.length > 0) {
    outcome.drafts.push(sending(invited, there.invite, 1, applying));
    return;
  }
  outcome.findings.push({
    subject,
    source: member.source,
    reason: 'InviteExpired',
    severity: 'Stalled',
    message: `The invite was sent ${there.invite.attempts} times and expired unanswered.`,
    next: `Ask ${subject.key}; then change what ${named(member.source)} declares, and it is sent again.`,
  });
}

function sending(
  { subject, member: { source } }: Invited,
  { attempts, expiresAt }: Invite,
  next: number,
  follows: readonly Draft[],
): Draft {
  const action = {
    kind: 'ResendInvite',
    key: subject.key,
    before: { attempts },
    after: { attempts: next },
  } as const;
  return draft(subject, action, `the invite expired at ${new Date(expiresAt).toISOString()}`, {
    source,
    follows,
  });
}

/** They joined, and are without access until somebody acts (O5, I4). */
function awaited(subject: Invited['subject'], { source }: DesiredMember, awaits: Awaited): Finding {
  const isAgain = awaits === 'Reacceptance';
  return {
    subject,
    source,
    reason: isAgain ? 'ReacceptancePending' : 'ConfirmationPending',
    severity: 'Info',
    message: isAgain
      ? `The keys were rotated; ${subject.key} has to accept again.`
      : `${subject.key} joined; the owner has to confirm them.`,
    next: isAgain ? `${subject.key} accepts again.` : 'The owner confirms them in the vault.',
  };
}
