/**
 * The lease of a vault as whoever asks for it meets it (rail 10). Pure; the same for the vault and for those who plan.
 *
 * Decides rail 10: who is in whose way.
 */
import type { LeaseHolder, LeaseState } from './organization.ts';
import { shellWord } from './shell-word.ts';

/** Who asks for the lease. */
export interface LeaseClaimant {
  readonly manager: string;
  readonly installation: string;
  readonly holder: LeaseHolder;
}

/**
 * `free`: nobody has it. `own`: the claimant does. `yields`: another process of the same manager has it for a moment, or
 * makes room for one that wants it for a moment. `conflict`: it is another's, who keeps it.
 */
export type LeaseStanding = 'free' | 'own' | 'yields' | 'conflict';

/** By which the owner or an approver hands the lease over to who asks for it. */
export function handoverCommand({ manager, installation, holder }: LeaseClaimant): string {
  // A command line comes and goes: what it can wait for is that the lease is free.
  const to =
    holder === 'Operator'
      ? `--manager ${shellWord(manager)} --installation ${shellWord(installation)}`
      : '--free';
  return `seneschal claim takeover ${to}`;
}

/** How the lease stands to a claimant. */
export function leaseStanding(lease: LeaseState | null, claimant: LeaseClaimant): LeaseStanding {
  if (lease === null) return 'free';
  if (lease.manager !== claimant.manager) return 'conflict';
  if (lease.installation === claimant.installation) return 'own';
  if (lease.isLent && claimant.holder === 'CommandLine') return 'free';
  // What ended is for the next leader of its installation; who does not run cannot make room either.
  if (lease.holdsFor === 0) return 'conflict';
  return lease.holder === 'CommandLine' || claimant.holder === 'CommandLine' ? 'yields' : 'conflict';
}
