/**
 * Whom Git declares to own the organization. Ownership is never delegated (V4), so this is no step: the present owner is told
 * how to offer it, and who is offered it accepts.
 *
 * Decides O3: what becomes of an owner whom Git declares.
 */
import { hasEnded } from '#model/ends.ts';
import type { Context } from './context.ts';
import type { Finding } from './plan-types.ts';

/** Empty: nobody is declared to, or they do. */
export function ownershipFindings(context: Context): Finding[] {
  const { desired, observed, owner } = context;
  const { source, fields } = desired.organization;
  if (fields.owner === null || fields.owner === owner) return [];
  return [
    {
      subject: { kind: 'Organization', key: observed.vaultId },
      source,
      reason: 'OwnershipDiffers',
      severity: 'Info',
      message: `${fields.owner} is declared to own the organization, and ${owner} does.`,
      next: nextOf(context, fields.owner),
    },
  ];
}

function nextOf(context: Context, declared: string): string {
  const member = context.member(declared);
  if (member?.state !== 'Active' || hasEnded(member.expiresAt, context.now)) {
    return `Ownership goes to an active member: declare a Member with the e-mail ${declared}, who accepts the invite.`;
  }
  if (member.expiresAt !== undefined) return `Take the end of the membership of ${declared} away first (M5).`;
  return `${context.owner} offers it: seneschal vault organization offer-ownership ${declared}`;
}
