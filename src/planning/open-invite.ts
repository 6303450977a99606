/**
 * Invites that are open (I2, rail 8: one open invite a person).
 *
 * Decides I2: what becomes of an invite that Git declares and nobody answered.
 * Decides rail 8: that an open invite is left alone and an exhausted one waits for an edit.
 */
import { hasEnded } from '#model/ends.ts';
import { isExhausted } from '#model/invites.ts';
import { accessOf } from '#model/member-access.ts';
import type { Awaited, Member } from '#model/organization.ts';
import { named } from './claims.ts';
import type { Context } from './context.ts';
import { type Contribution, draft } from './contribution.ts';
import type { DesiredMember, Finding } from './plan-types.ts';

export interface Invited {
  readonly subject: { readonly kind: 'Member'; readonly key: string };
  readonly member: DesiredMember;
  readonly there: Member;
  /** Git declares something else than what was last applied. */
  readonly edited: boolean;
}

/** What becomes of the invite of a person who has not joined; `cancelled` where it is taken back. */
export function planInvite(
  context: Context,
  { subject, member, there, edited }: Invited,
  outcome: Contribution,
): 'cancelled' | 'kept' {
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
  const exhausted = isExhausted(context.settings.invites, invite);
  if (!exhausted || edited) {
    outcome.drafts.push(
      draft(
        subject,
        {
          kind: 'ResendInvite',
          key: subject.key,
          before: { attempts: invite.attempts },
          after: { attempts: exhausted ? 1 : invite.attempts + 1 },
        },
        `the invite expired at ${new Date(invite.expiresAt).toISOString()}`,
        { source },
      ),
    );
    return 'kept';
  }
  outcome.findings.push({
    subject,
    source,
    reason: 'InviteExpired',
    severity: 'Stalled',
    message: `The invite was sent ${invite.attempts} times and expired unanswered.`,
    next: `Ask ${subject.key}; then change what ${named(source)} declares, and it is sent again.`,
  });
  return 'kept';
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
