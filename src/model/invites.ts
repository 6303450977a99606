/**
 * I2: how long an invite is open and how often it is sent, for planning and vault alike.
 *
 * Decides I2: how long an invite is open, and how often it is sent.
 */
import type { Invite } from './organization.ts';

/** How long an offer of ownership and a code of confirmation are open, in milliseconds: seven days. */
export const OFFER_LIFE = 7 * 24 * 60 * 60 * 1000;

/** Of the rails that an Organization applies. */
export interface InviteSettings {
  /** How long an invite is open from one sending on, in seconds. */
  readonly validForSeconds: number;
  /** Sendings in all, without an edit in Git. */
  readonly maxAttempts: number;
  /** How many people automation invites in an hour, where its delegation allows more; null: as the delegation says. */
  readonly perHour: number | null;
}

export const DEFAULT_INVITES: InviteSettings = {
  validForSeconds: 7 * 24 * 60 * 60,
  maxAttempts: 3,
  perHour: null,
};

/** When an invite that is sent at `now` ends. */
export function inviteEnd({ validForSeconds }: InviteSettings, now: number): number {
  return now + validForSeconds * 1000;
}

/** Whether it was sent as often as it may be: only an edit in Git, or another invite, begins again. */
export function isExhausted(
  { maxAttempts }: InviteSettings,
  { attempts }: Pick<Invite, 'attempts'>,
): boolean {
  return attempts >= maxAttempts;
}

/** Whether more people could be invited, more often, or for longer. */
export function invitesMore(before: InviteSettings, after: InviteSettings): boolean {
  return (
    after.validForSeconds > before.validForSeconds ||
    after.maxAttempts > before.maxAttempts ||
    (after.perHour ?? Number.POSITIVE_INFINITY) > (before.perHour ?? Number.POSITIVE_INFINITY)
  );
}
