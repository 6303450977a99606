/** Rail 10: whose the lease of a vault is, and handing it over. */

import { leaseText } from '#model/lease-text.ts';
import type { LeaseState } from '#model/organization.ts';
import { ROUTES } from '#protocol/management.ts';
import { pathTo } from '#protocol/request-path.ts';
import { moment, type Output, printAnswer } from '../terminal/answer.ts';
import type { CommandOutcome } from '../terminal/exit-codes.ts';
import { Failure } from '../terminal/failure.ts';
import { reasonOf } from '../terminal/reason.ts';
import { asPerson, type PersonOptions } from './as-person.ts';

interface ShownLease {
  readonly lease: LeaseState | null;
  readonly refused: { readonly manager: string; readonly installation: string; readonly at: number } | null;
}

/** `seneschal claim`: who holds the lease, since when, and who was refused. */
export async function showClaim(options: PersonOptions & { output: Output }): Promise<CommandOutcome[]> {
  await asPerson(options, async ({ ask, vaultId }) => {
    const shown = (await ask('GET', pathTo``.below(ROUTES.lease))) as ShownLease;
    printAnswer(options.output, shown, claimText(vaultId, shown));
  });
  return [];
}

export interface TakeoverOptions extends PersonOptions {
  readonly reason?: string;
  readonly manager?: string;
  readonly installation?: string;
  readonly free?: true;
  readonly output: Output;
}

/** `seneschal claim takeover`: the lease goes to an installation, or to whoever asks first. Throws Failure. */
export async function takeOver(options: TakeoverOptions): Promise<CommandOutcome[]> {
  const to = successorIn(options);
  const reason = await reasonOf(options.reason, 'the audit log has it');
  await asPerson(options, async ({ ask, vaultId }) => {
    const { lease } = (await ask('POST', pathTo`/lease/handovers`, { reason, to })) as {
      readonly lease: LeaseState | null;
    };
    printAnswer(
      options.output,
      { lease },
      lease === null
        ? `The lease of ${vaultId} is free: whoever asks first has it.`
        : `The lease of ${vaultId} is that of ${lease.manager}, installation ${lease.installation}, as soon as it asks.`,
    );
  });
  return [];
}

function successorIn({ manager, installation, free }: TakeoverOptions) {
  if (free === true && (manager ?? installation) === undefined) return 'Free';
  if (free === true || (manager === undefined) !== (installation === undefined)) {
    throw new Failure(
      'Usage',
      'Whom it goes to is --manager with --installation, or --free.',
      'Copy both from the status of the Organization that waits, or leave all three out: then it is the operator that was refused last.',
    );
  }
  return manager === undefined ? 'LastRefused' : { manager, installation };
}

/** Whose the lease is, for people. */
export function claimText(vaultId: string, { lease, refused }: ShownLease): string {
  return [
    lease === null
      ? `Nobody has the lease of ${vaultId}: whoever asks first has it.`
      : `${leaseText(lease)}.`,
    ...(refused === null
      ? []
      : [
          `${refused.manager}, installation ${refused.installation}, was refused at ${moment(refused.at)}.`,
          'To hand it over to that one: seneschal claim takeover',
        ]),
  ].join('\n');
}
