/**
 * The lease of a vault, told to people: in the same words whatever they ask.
 *
 * Decides rail 10: what is said of whose the lease is.
 */
import { endText } from './ends.ts';
import type { LeaseState } from './organization.ts';

/** A sentence without its full stop, so that more may follow. Times are to the second. */
export function leaseText(lease: LeaseState): string {
  const { manager, installation, holder } = lease;
  const what = holder === 'Operator' ? 'operator' : 'command line';
  return `${manager}, ${what} of installation ${installation}, ${standingText(lease)}`;
}

/** What ended or is lent does not seem to last. */
function standingText({ holdsFor, isLent, since, expiresAt }: LeaseState): string {
  if (holdsFor > 0) return `has had the lease of the vault since ${toTheSecond(since)}`;
  if (isLent) return 'made room for a command line and has the lease of the vault after it';
  return `had the lease of the vault until ${toTheSecond(expiresAt)} and did not give it back: its next leader alone takes it`;
}

function toTheSecond(at: number): string {
  return endText(at - (at % 1000));
}
