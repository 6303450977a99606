/**
 * I2: how long an invite is open and how often it is sent, for planning and vault alike.
 *
 * Decides I2: how long an invite is open, and how often it is sent.
 */
import type { Invite } from './organization.ts';

/** From one sending on, in milliseconds: seven days. */
export const INVITE_LIFE = 7 * 24 * 60 * 60 * 1000;

/** Sendings in all, without an edit in Git. */
export const INVITE_ATTEMPTS = 3;

/** Whether it was sent as often as it may be: only an edit in Git, or another invite, begins again. */
export function isExhausted({ attempts }: Pick<Invite, 'attempts'>): boolean {
  return attempts >= INVITE_ATTEMPTS;
}
