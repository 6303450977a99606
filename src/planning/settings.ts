/** The Organization itself: its name, and the rails last applied, which the vault keeps. */

import type { RailSettings } from '#model/fields.ts';
import { DEFAULT_RAILS } from '#model/loosened.ts';
import { sameValue } from '#model/same.ts';
import { railsInForce } from './applied.ts';
import { claimIfNeeded, managedByAnother, takesOver } from './claims.ts';
import { type Context, recordAfter } from './context.ts';
import { type Contribution, draft, emptyContribution } from './contribution.ts';
import type { Finding, Source } from './plan-types.ts';

export function planSettings(context: Context): Contribution {
  const outcome = emptyContribution();
  const { desired, observed } = context;
  const { source, fields } = desired.organization;
  const key = observed.vaultId;
  const subject = { kind: 'Organization', key } as const;
  if (context.incomplete('Organization', key)) return outcome;
  const record = context.record('Organization', key);
  if (record !== undefined && record.manager !== desired.manager) {
    outcome.findings.push(managedByAnother(subject, source, record.manager));
    return outcome;
  }
  // What the vault compares with: a record may be gone, and the rails stay.
  const lastRails = railsInForce(observed);
  const { displayName } = fields;
  const rails = withinFeatures(context, fields.rails, lastRails, outcome);
  const renamed = displayName !== null && displayName !== observed.displayName;
  const reset = lastRails === null || !sameValue(lastRails, rails);
  if (observed.bounded) {
    // Its entries of `access` count as declared: what it was bounded to stands for them.
    const inForce = lastRails ?? DEFAULT_RAILS;
    const differing = [
      renamed ? `displayName: ${observed.displayName} -> ${displayName}` : [],
      sameValue(inForce, { ...rails, access: inForce.access })
        ? []
        : `rails: ${whySettings(inForce, { ...rails, access: inForce.access })}`,
    ].flat();
    if (differing.length > 0) outcome.findings.push(notDelegated(subject, source, differing.join('; ')));
    return outcome;
  }
  const takenOver = takesOver(context, source, 'Organization', key);
  if (renamed) {
    // Never the new rails: ApplySettings may be held while the name changes.
    const next =
      lastRails === null
        ? undefined
        : recordAfter(context, source, subject, { displayName, rails: lastRails });
    outcome.drafts.push(
      draft(
        subject,
        {
          kind: 'RenameOrganization',
          key,
          before: { displayName: observed.displayName },
          after: { displayName },
        },
        `displayName: ${observed.displayName} -> ${displayName}`,
        { source, record: next, takenOver },
      ),
    );
  }
  if (reset) {
    outcome.drafts.push(
      draft(
        subject,
        { kind: 'ApplySettings', key, before: lastRails, after: rails },
        lastRails === null ? 'no rails were applied yet' : `rails: ${whySettings(lastRails, rails)}`,
        { source, record: recordAfter(context, source, subject, { displayName, rails }), takenOver },
      ),
    );
  }
  if (!renamed && !reset) {
    outcome.drafts.push(...claimIfNeeded(context, source, subject, { displayName, rails }));
  }
  return outcome;
}

/** P4: without the confirmation that the tier does not have. What is asked for already stays when the tier changes. */
function withinFeatures(
  { desired, observed }: Context,
  rails: RailSettings,
  last: RailSettings | null,
  outcome: Contribution,
): RailSettings {
  const { name, billingUrl, noConfirmation } = observed.plan;
  if (!rails.confirmation || noConfirmation !== true || last?.confirmation === true) return rails;
  outcome.findings.push({
    subject: { kind: 'Organization', key: observed.vaultId },
    source: desired.organization.source,
    reason: 'QuotaReached',
    severity: 'Stalled',
    message: `The plan ${name} has no confirmation of members.`,
    next: `Take spec.confirmation out of Git, or ${billingUrl === '' ? 'move to a larger plan' : `get more at ${billingUrl}`}.`,
  });
  return { ...rails, confirmation: false };
}

/** Stalled: the delegation is for some projects, and this is about the whole vault (V4). */
function notDelegated(subject: Finding['subject'], source: Source, differing: string): Finding {
  return {
    subject,
    source,
    reason: 'NotDelegated',
    severity: 'Stalled',
    message: `The identity is bounded to projects and changes nothing of the whole vault (${differing}).`,
    next: 'Leave it out here, or declare it for an identity without that bound.',
  };
}

function whySettings(before: RailSettings, after: RailSettings): string {
  const fields = Object.keys(after) as (keyof RailSettings)[];
  return fields.filter((field) => !sameValue(before[field], after[field])).join(', ');
}
