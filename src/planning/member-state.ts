/**
 * M1: suspended by Git, un-suspended by Git; what a person suspended stays so (rail 7).
 *
 * Decides M1: suspending and un-suspending as Git declares.
 */
import type { Member } from '#model/organization.ts';
import type { ManagedRecord } from '#model/record.ts';
import type { Context } from './context.ts';
import { type Contribution, draft } from './contribution.ts';
import type { DesiredMember, Source } from './plan-types.ts';
import { StandingRevocations, wholeRevocationBy } from './standing-revocations.ts';
import { suspensionOf } from './suspension.ts';
import { reinstateNeeded } from './tombstones.ts';

interface StatePlan {
  readonly subject: { readonly kind: 'Member'; readonly key: string };
  readonly member: DesiredMember;
  readonly there: Member;
  readonly outcome: Contribution;
  readonly carried: ManagedRecord | undefined;
  readonly rest: { readonly source: Source | null; readonly takenOver: boolean };
}

/** A step where the declared state differs; `carried`: the record that un-suspending brings up to date. */
export function planState(
  context: Context,
  { subject, member, there, outcome, carried, rest }: StatePlan,
): void {
  const declared = member.member.state;
  const suspension = suspensionOf(context, member, there);
  if (suspension !== null) outcome.drafts.push(suspension);
  if (there.state === 'Suspended' && declared === 'Active') {
    const revocations = new StandingRevocations(
      context.tombstones('Member', subject.key),
      member.source.reinstate,
    );
    if (revocations.keepBack(wholeRevocationBy(['Suspended']))) {
      for (const revocation of revocations.keptBack)
        outcome.findings.push(reinstateNeeded(subject, member.source, revocation));
      return;
    }
    const before = { state: 'Suspended' } as const;
    const after = { state: 'Active' } as const;
    outcome.drafts.push(
      draft(
        subject,
        { kind: 'UnsuspendMember', key: subject.key, before, after },
        'state: Suspended -> Active',
        { ...rest, record: carried, reinstate: revocations.reinstated },
      ),
    );
  }
}
