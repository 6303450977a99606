/**
 * Handing the lease over as who does it saw it: from whom, and to whom. The vault takes it so or not at all.
 *
 * Decides rail 10: whom a person hands the lease to who names nobody.
 */
import type { LeaseState } from '#model/organization.ts';
import { Failure } from '../terminal/failure.ts';

/** The lease as people see it; `refused`: the operator that was refused last, at a time in milliseconds. */
export interface ShownLease {
  readonly lease: LeaseState | null;
  readonly refused: { readonly manager: string; readonly installation: string; readonly at: number } | null;
}

/** Whom it goes to, as the command line was given it; all left out: the operator that was seen to be refused last. */
export interface Named {
  readonly manager?: string;
  readonly installation?: string;
  readonly free?: true;
}

interface Installation {
  readonly manager: string;
  readonly installation: string;
}

export interface Handover {
  readonly from: Installation | null;
  readonly to: Installation | 'Free';
}

/** The handover of the lease that was seen. Throws Failure `Usage` where nobody is named, and nobody was refused. */
export function handoverOf({ lease, refused }: ShownLease, named: Named): Handover {
  const from = lease === null ? null : installationOf(lease);
  const to = successorIn(named) ?? (refused === null ? null : installationOf(refused));
  if (to !== null) return { from, to };
  throw new Failure(
    'Usage',
    'No operator was refused since the lease changed hands: there is none to mean.',
    'Give --manager and --installation, as the status of the Organization that waits says them, or --free.',
  );
}

/** null: nobody is named. Throws Failure `Usage`. */
export function successorIn({ manager, installation, free }: Named): Handover['to'] | null {
  if (free === true && (manager ?? installation) === undefined) return 'Free';
  if (free !== true && manager === undefined && installation === undefined) return null;
  if (free !== true && manager !== undefined && installation !== undefined) return { manager, installation };
  throw new Failure(
    'Usage',
    'Whom it goes to is --manager with --installation, or --free.',
    'Copy both from the status of the Organization that waits, or leave all three out: then it is the operator that was refused last.',
  );
}

function installationOf({ manager, installation }: Installation): Installation {
  return { manager, installation };
}
