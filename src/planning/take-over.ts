/**
 * An Organization that was renamed or moved comes in the place of a former manager: one step makes all of its records this
 * manager's. The rest is planned as it will be then, and waits for it.
 *
 * Decides rail 10: by which step a plan takes over.
 */
import type { Context } from './context.ts';
import { type Contribution, draft, emptyContribution } from './contribution.ts';

/** The rails and approvers last applied come along, in the record of the Organization. */
export function planTakeOver({ former, desired, observed, policy, record }: Context): Contribution {
  const outcome = emptyContribution();
  const key = observed.vaultId;
  const own = record('Organization', key);
  if (former === null || own === undefined) return outcome;
  const { source } = desired.organization;
  const { namespace: origin, provenance, seenUnder } = source;
  const fencing = policy.managedBy?.manager === former ? policy.managedBy.fencing : 0;
  outcome.drafts.push(
    draft(
      { kind: 'Organization', key },
      {
        ...{ kind: 'TakeOver', key, before: { manager: former, fencing } },
        after: { manager: desired.manager, namespace: origin },
      },
      `managed by ${former} so far`,
      { source, record: { ...own, origin, provenance, seenUnder } },
    ),
  );
  return outcome;
}
