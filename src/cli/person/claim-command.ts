/** Rail 10: whose the lease of a vault is, and handing it over. */

import { handoverCommand } from '#model/lease-standing.ts';
import { leaseText } from '#model/lease-text.ts';
import type { LeaseState } from '#model/organization.ts';
import { ROUTES } from '#protocol/management.ts';
import { pathTo } from '#protocol/request-path.ts';
import { moment, type Output, printAnswer } from '../terminal/answer.ts';
import { confirmed } from '../terminal/confirmed.ts';
import type { CommandOutcome } from '../terminal/exit-codes.ts';
import { reasonOf } from '../terminal/reason.ts';
import { asPerson, type PersonOptions } from './as-person.ts';
import { type Handover, handoverOf, type Named, type ShownLease, successorIn } from './handover.ts';

/** `seneschal claim`: who holds the lease, since when, and who was refused. */
export async function showClaim(options: PersonOptions & { output: Output }): Promise<CommandOutcome[]> {
  await asPerson(options, async ({ ask, vaultId }) => {
    const shown = (await ask('GET', pathTo``.below(ROUTES.lease))) as ShownLease;
    printAnswer(options.output, shown, claimText(vaultId, shown));
  });
  return [];
}

export interface TakeoverOptions extends PersonOptions, Named {
  readonly reason?: string;
  readonly yes?: true;
  readonly output: Output;
}

/**
 * `seneschal claim takeover`: the lease goes from whose it was seen to be to an installation, or to whoever asks first. Who
 * names nobody is asked about whom they mean. Throws Failure, Interruption, and what the vault refuses: `LeaseMoved`, where it
 * is another's by then.
 */
export async function takeOver(options: TakeoverOptions): Promise<CommandOutcome[]> {
  const isNamed = successorIn(options) !== null;
  const reason = await reasonOf(options.reason, 'the audit log has it');
  await asPerson(options, async ({ ask, vaultId }) => {
    const { from, to } = handoverOf((await ask('GET', pathTo``.below(ROUTES.lease))) as ShownLease, options);
    const what = `The lease of ${vaultId} goes from ${nameOf(from)} to ${nameOf(to)}.`;
    if (!isNamed && options.yes !== true) await confirmed(what);
    const { lease } = (await ask('POST', pathTo`/lease/handovers`, { reason, from, to })) as {
      readonly lease: LeaseState | null;
    };
    printAnswer(
      options.output,
      { from, lease },
      lease === null
        ? `The lease of ${vaultId} is free, which was that of ${nameOf(from)}: whoever asks first has it.`
        : `The lease of ${vaultId}, which was that of ${nameOf(from)}, is that of ${nameOf(lease)}, as soon as it asks.`,
    );
  });
  return [];
}

function nameOf(one: Handover['from'] | Handover['to']): string {
  if (one === null) return 'nobody';
  return one === 'Free' ? 'whoever asks first' : `${one.manager}, installation ${one.installation}`;
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
          `To hand it over to that one: ${handoverCommand({ ...refused, holder: 'Operator' })}`,
        ]),
  ].join('\n');
}
